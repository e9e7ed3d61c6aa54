//! Statements in SQL that are prepared once on each connection. Diesel prepares its own updates and raw
//! queries again each time, which costs more than running them.

/// Makes a statement: pieces of SQL, each followed by the value that stands there.
///
/// ```text
/// statement! { Touch: "UPDATE t SET seen = " seen: i64 as BigInt, " WHERE id = " id: i64 as BigInt; "" }
/// Touch { seen: 1, id: 2 }.execute(connection)?;
/// ```
/// With `-> (BigInt, Text)` after its name it is a query with such rows.
macro_rules! statement {
    (
        $(#[$doc:meta])*
        $name:ident $( -> $rows:ty )? :
        $( $sql:literal $field:ident : $type:ty as $sql_type:ty ),+ ; $end:literal
    ) => {
        $(#[$doc])*
        pub(super) struct $name<'a> {
            $( pub(super) $field: $type, )+
            pub(super) marker: std::marker::PhantomData<&'a ()>,
        }

        const _: () = {
            use diesel::backend::Backend;
            use diesel::query_builder::{AstPass, QueryFragment, QueryId};
            use diesel::serialize::ToSql;
            use diesel::sql_types::HasSqlType;

            /// Stands for the statement whatever the lifetime.
            pub struct Id;

            impl QueryId for $name<'_> {
                type QueryId = Id;
                const HAS_STATIC_QUERY_ID: bool = true;
            }

            impl<'a, B: Backend> QueryFragment<B> for $name<'a>
            where
                $( $type: ToSql<$sql_type, B>, B: HasSqlType<$sql_type>, )+
            {
                fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, B>) -> diesel::QueryResult<()> {
                    $(
                        out.push_sql($sql);
                        out.push_bind_param::<$sql_type, $type>(&self.$field)?;
                    )+
                    out.push_sql($end);
                    Ok(())
                }
            }

            impl<C> diesel::RunQueryDsl<C> for $name<'_> {}

            $( impl diesel::query_builder::Query for $name<'_> {
                type SqlType = $rows;
            } )?
        };
    };
}
pub(super) use statement;
