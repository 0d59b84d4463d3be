//! Constant statements. A template is rendered once per dialect, so that hot reads are prepared once per connection.
//!
//! | word | PostgreSQL | SQLite |
//! | --- | --- | --- |
//! | `@in($n)` | `= ANY($n)` | `IN (SELECT unhex(value) FROM json_each($n))` |
//! | `@by(i)` | nothing | `INDEXED BY i`, where it plans without statistics |
//! | `@lock` | `FOR UPDATE` | nothing: there is one writer |
//! | `@skip_locked` | `FOR UPDATE SKIP LOCKED` | nothing |
//! | `@live(g)`, `@usable(g)`, `@stands`, `@unbeaten(g)`, `@held(g)`, `@opens_entry(g,e)`, `@protected(e)` | the fragments of [`super::access`] | the same |

use super::fault::Fault;
use sea_orm::{DbBackend, QueryResult, Statement, TryGetable, Value, Values};
use std::sync::OnceLock;
use uuid::Uuid;

/// A statement.
pub struct Sql {
    template: &'static str,
    /// Another template for PostgreSQL, where one text cannot be fast on both.
    postgres_template: &'static str,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    /// From a template.
    pub const fn new(template: &'static str) -> Self {
        Self::of_each(template, template)
    }

    /// From two templates with the same meaning: for SQLite, and for PostgreSQL.
    pub const fn of_each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { template: sqlite, postgres_template: postgres, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The text for a backend.
    pub fn text(&self, backend: DbBackend) -> &str {
        let (cell, template) = match backend {
            DbBackend::Sqlite => (&self.sqlite, self.template),
            _ => (&self.postgres, self.postgres_template),
        };
        cell.get_or_init(|| render(template, backend))
    }

    /// The statement with its values.
    pub fn with(&self, backend: DbBackend, values: Vec<Value>) -> Statement {
        Statement { sql: self.text(backend).to_owned(), values: Some(Values(values)), db_backend: backend }
    }
}

fn render(template: &str, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    let mut text = super::access::expand(template, sqlite);
    for (word, postgres) in [("@skip_locked", "FOR UPDATE SKIP LOCKED"), ("@lock", "FOR UPDATE")] {
        text = text.replace(word, if sqlite { "" } else { postgres });
    }
    while let Some(at) = text.find("@by(") {
        let end = text[at..].find(')').map_or(text.len(), |close| at + close);
        let by = if sqlite { format!("INDEXED BY {}", &text[at + 4..end]) } else { String::new() };
        text.replace_range(at..(end + 1).min(text.len()), &by);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("@in(") {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 4..];
        let end = tail.find(')').unwrap_or(tail.len());
        let (parameter, after) = (&tail[..end], tail.get(end + 1..).unwrap_or_default());
        if sqlite {
            out.push_str("IN (SELECT unhex(value) FROM json_each(");
            out.push_str(parameter);
            out.push_str("))");
        } else {
            out.push_str("= ANY(");
            out.push_str(parameter);
            out.push(')');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A list of identifiers as the value of an `@in` parameter.
pub fn ids(backend: DbBackend, list: impl IntoIterator<Item = Uuid>) -> Value {
    if backend == DbBackend::Sqlite {
        let mut text = String::from("[");
        for (i, id) in list.into_iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            text.push('"');
            text.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
            text.push('"');
        }
        text.push(']');
        Value::String(Some(text))
    } else {
        let values = list.into_iter().map(|id| Value::Uuid(Some(id))).collect();
        Value::Array(sea_orm::sea_query::ArrayType::Uuid, Some(Box::new(values)))
    }
}

/// An identifier as a value.
pub fn id(id: Uuid) -> Value {
    Value::Uuid(Some(id))
}

/// A number as a value.
pub fn int(n: i64) -> Value {
    Value::BigInt(Some(n))
}

/// A text as a value.
pub fn text(t: impl Into<String>) -> Value {
    Value::String(Some(t.into()))
}

/// Reads the columns of a row one after the other.
pub struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    /// From the first column.
    pub fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// From this column.
    pub fn at(row: &'a QueryResult, column: usize) -> Self {
        Self { row, next: column }
    }

    /// The next column.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, Fault> {
        let i = self.next;
        self.next += 1;
        self.row.try_get_by_index(i).map_err(Fault::from)
    }

    /// Passes over columns.
    pub fn skip(&mut self, columns: usize) {
        self.next += columns;
    }

    /// The next column as the code of an enum.
    pub fn code<T: crate::domain::code::Coded>(&mut self) -> Result<T, Fault> {
        let code: String = self.take()?;
        T::from_code(&code).ok_or_else(|| Fault::new(format!("unknown code of {}", T::NAME)))
    }

    /// The next column as the code of an enum, or nothing.
    pub fn code_or_none<T: crate::domain::code::Coded>(&mut self) -> Result<Option<T>, Fault> {
        let code: Option<String> = self.take()?;
        code.map(|c| T::from_code(&c).ok_or_else(|| Fault::new(format!("unknown code of {}", T::NAME)))).transpose()
    }

    /// The next column as a typed identifier.
    pub fn id<T: crate::domain::ids::TypedId>(&mut self) -> Result<T, Fault> {
        self.take().map(T::from_uuid)
    }

    /// The next column as a typed identifier, or nothing.
    pub fn id_or_none<T: crate::domain::ids::TypedId>(&mut self) -> Result<Option<T>, Fault> {
        Ok(self.take::<Option<Uuid>>()?.map(T::from_uuid))
    }

    /// The next column as a moment.
    pub fn time(&mut self) -> Result<crate::domain::clock::Timestamp, Fault> {
        self.take().map(crate::domain::clock::Timestamp)
    }

    /// The next column as a moment, or nothing.
    pub fn time_or_none(&mut self) -> Result<Option<crate::domain::clock::Timestamp>, Fault> {
        Ok(self.take::<Option<i64>>()?.map(crate::domain::clock::Timestamp))
    }

    /// The next column as a set of categories.
    pub fn categories(&mut self) -> Result<crate::domain::category::Categories, Fault> {
        self.take().map(crate::domain::category::Categories::from_mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_spelt_for_each_database() {
        static S: Sql = Sql::new("SELECT 1 FROM t WHERE a @in($8) AND b @in($2) @lock");
        static BY: Sql = Sql::new("SELECT 1 FROM t @by(i) WHERE a = 1");
        assert_eq!(BY.text(DbBackend::Postgres), "SELECT 1 FROM t  WHERE a = 1");
        assert_eq!(BY.text(DbBackend::Sqlite), "SELECT 1 FROM t INDEXED BY i WHERE a = 1");
        assert_eq!(S.text(DbBackend::Postgres), "SELECT 1 FROM t WHERE a = ANY($8) AND b = ANY($2) FOR UPDATE");
        assert_eq!(
            S.text(DbBackend::Sqlite),
            "SELECT 1 FROM t WHERE a IN (SELECT unhex(value) FROM json_each($8)) AND b IN (SELECT unhex(value) FROM json_each($2)) "
        );
    }
}
