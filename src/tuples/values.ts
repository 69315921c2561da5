/**
 * Values of tuples on the wire: what goes in comes out. Writing, reading and
 * the format lie in files of their own.
 */

export { ValueNotEncodable } from "./value_not_encodable.ts";
export { readValue, skipValue, ValueReader } from "./values_read.ts";
export { writeValue } from "./values_write.ts";
