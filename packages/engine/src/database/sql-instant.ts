// Instants in statements: that of a test clock where there is one, else the beginning of the statement; and what lies after it.

/** @param place of the clock's instant, or null: `$1` */
export const instant = (place: string): string =>
  `coalesce(${place}::timestamptz, statement_timestamp())`

/** @param place of a number of milliseconds: `$2` */
export const afterMs = (now: string, place: string): string =>
  `${now} + ${place}::double precision * interval '1 millisecond'`
