// Which names the schema of Tasker's tables may have: those that need no quotes anywhere in its SQL.
import { text, type Kind } from '../kinds.ts'

/** Keywords of PostgreSQL 15 to 18 that name no schema, table or type unquoted, and `loop`, which ends queries in PL/pgSQL. */
const keywords = `
  all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
  boolean both case cast char character check coalesce collate collation column concurrently
  constraint create cross current_catalog current_date current_role current_schema
  current_time current_timestamp current_user dec decimal default deferrable desc distinct do
  else end except exists extract false fetch float for foreign freeze from full grant greatest
  group grouping having ilike in initially inner inout int integer intersect interval into is
  isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
  json_scalar json_serialize json_table json_value lateral leading least left like limit
  localtime localtimestamp loop merge_action national natural nchar none normalize not notnull
  null nullif numeric offset on only or order out outer overlaps overlay placing position
  precision primary real references returning right row select session_user setof similar
  smallint some substring symmetric system_user table tablesample then time timestamp to
  trailing treat trim true union unique user using values varchar variadic verbose when where
  window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse
  xmlpi xmlroot xmlserialize xmltable
`
  .trim()
  .split(/\s+/)

/** PostgreSQL keeps names that begin with pg_ for itself. */
const pattern = new RegExp(`^(?!pg_|(?:${keywords.join('|')})$)[a-z_][a-z0-9_]{0,50}$`)

export function schemaName(): Kind<string> {
  return text({
    pattern,
    looksLike:
      'a lower-case SQL name of at most 51 letters, digits and underscores that is no keyword such ' +
      'as user or order and does not begin with pg_',
  })
}
