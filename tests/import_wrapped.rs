//! The import's promises, on both databases.

#[path = "import.rs"]
mod import;

use crate::support::World;

macro_rules! on_an_empty_database {
    ($($name:ident),+ $(,)?) => {
        $(
            async fn $name(world: World) {
                import::$name(world.app.clone()).await;
            }
        )+
        on_both_databases!(empty: $($name),+);
    };
}

on_an_empty_database!(
    imports_the_register,
    importing_again_changes_nothing,
    reports_new_likely_duplicates_only,
    bad_rows_do_no_harm,
    a_wrong_header_stores_nothing,
    a_broken_file_stores_nothing,
    a_dry_run_stores_nothing,
    kinds_and_aliases_are_taken,
    imports_at_once_take_turns,
);
