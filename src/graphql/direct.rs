//! Resolving without a boxed future a field.
//!
//! async-graphql boxes a future for every field of every object, so that all can wait at once. Most wait for nothing: a page of
//! 20 clients with two lists has some 340 fields and three reads. [`Direct`] resolves leaf fields one after the other, and
//! boxes only objects that stand beside each other; [`DirectList`] resolves its first item like that, and the others in
//! turn, because what the first one read it read for all of them ([`super::siblings`]). Same answer, same errors;
//! fields stand in the order in which they were asked.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use futures_util::future::join_all;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

/// An object whose fields are resolved directly.
pub struct Direct<T>(pub T);

/// A list of objects whose fields are resolved directly.
pub struct DirectList<T>(pub Vec<T>);

/// The fields of a selection, where it is fields alone: no fragment, no directive, no response key twice. Anything else is left to
/// the library.
fn plain<'a>(ctx: &ContextSelectionSet<'a>) -> Option<Vec<&'a Positioned<Field>>> {
    let mut fields: Vec<&Positioned<Field>> = Vec::with_capacity(ctx.item.node.items.len());
    for selection in &ctx.item.node.items {
        let Selection::Field(field) = &selection.node else { return None };
        let key = &field.node.response_key().node;
        if !field.node.directives.is_empty() || fields.iter().any(|f| f.node.response_key().node == *key) {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

/// A future in a box: one that others do not wait for, or an object within an object, whose sizes would add up.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

async fn one<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    root: &T,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    if field.node.name.node == "__typename" {
        return Ok(Value::String(root.introspection_type_name().into_owned()));
    }
    let ctx = ctx.with_field(field);
    Ok(root.resolve_field(&ctx).await?.unwrap_or_default())
}

/// Whether other fields should not wait for this one: it is an object.
fn is_object(field: &Positioned<Field>) -> bool {
    !field.node.selection_set.node.items.is_empty()
}

/// Resolves the fields of an object; with `beside`, objects that stand beside each other at once.
async fn fields<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    root: &T,
    asked: &[&Positioned<Field>],
    beside: bool,
) -> Value {
    let mut values: IndexMap<Name, Value> = IndexMap::with_capacity(asked.len());
    let mut put = |field: &Positioned<Field>, value: ServerResult<Value>| match value {
        Ok(value) => {
            values.insert(field.node.response_key().node.clone(), value);
        }
        Err(error) => ctx.add_error(error),
    };
    if beside && asked.iter().filter(|f| is_object(f)).nth(1).is_some() {
        let objects = asked
            .iter()
            .filter(|f| is_object(f))
            .map(|f| Box::pin(one(ctx, root, f)) as Boxed<'_, ServerResult<Value>>);
        let mut objects = join_all(objects.collect::<Vec<_>>()).await.into_iter();
        for field in asked {
            let value = match is_object(field).then(|| objects.next()).flatten() {
                Some(value) => value,
                None => one(ctx, root, field).await,
            };
            put(field, value);
        }
    } else {
        for field in asked {
            put(field, one(ctx, root, field).await);
        }
    }
    if values.is_empty() { Value::Null } else { Value::Object(values) }
}

impl<T: ContainerType> OutputType for Direct<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match plain(ctx) {
            // In a box, so that the futures of objects within objects do not add up.
            Some(asked) => Ok((Box::pin(fields(ctx, &self.0, &asked, true)) as Boxed<'_, Value>).await),
            None => self.0.resolve(ctx, field).await,
        }
    }
}

impl<T: ContainerType> OutputType for DirectList<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let Some(asked) = plain(ctx) else {
            let items: Vec<&T> = self.0.iter().collect();
            return items.resolve(ctx, field).await;
        };
        let mut values = Vec::with_capacity(self.0.len());
        for (place, item) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(place);
            values.push((Box::pin(fields(&ctx, item, &asked, place == 0)) as Boxed<'_, Value>).await);
        }
        Ok(Value::List(values))
    }
}
