/**
 * What a compiler knows of streams: the fields a component declares by `outputs`, the names and
 * types of their values. Types only; code that declares nothing by type sees `string` and `unknown`.
 */

import type { Fields } from "./fields.ts";
import type { MoreStreams } from "./stream_declarations.ts";

/** The stream of an emit or subscription that names none. */
export type DefaultStream = "default";

/** The streams of a component by their ids, each with its fields. */
export type StreamFields = Readonly<Record<string, Fields>>;

/** The `outputs` of a component: the fields of its stream `default`, or its streams by id. */
export type Outputs = Fields | StreamFields;

/** The streams that `O`, the `outputs` of a component, declares. */
export type StreamsOf<O> = O extends Fields ? { readonly default: O }
  : O extends StreamFields ? O
  : StreamFields;

/** The ids of the streams of `O`. */
export type StreamId<O> = keyof StreamsOf<O> & string;

/** The fields of the stream `Id` of `O`. */
export type FieldsOf<O, Id extends string = DefaultStream> = Id extends keyof StreamsOf<O>
  ? Extract<StreamsOf<O>[Id], Fields>
  : never;

/** The names of the fields `F`. */
export type FieldName<F extends Fields> = F extends Fields<infer Names, readonly unknown[]>
  ? Names[number]
  : never;

/** The values of a tuple with the fields `F`, in their order. */
export type FieldValues<F extends Fields> = F extends Fields<readonly string[], infer Values>
  ? Values
  : never;

/** The type of the value that a tuple with the fields `F` has under `Name`. */
export type FieldValue<F extends Fields, Name> = F extends
  Fields<infer Names extends readonly string[], infer Values extends readonly unknown[]>
  ? number extends Names["length"] ? unknown
  : {
    [I in keyof Names]: Names[I] extends Name ? I extends keyof Values ? Values[I] : unknown
      : never;
  }[number]
  : never;

/** The type of the value that a tuple with the fields `F` has at `Index`. */
export type FieldValueAt<F extends Fields, Index extends number> = FieldValues<F>[Index];

/** What is emitted to the stream `Id` of `O`. */
export type StreamValues<O, Id extends string = DefaultStream> = Readonly<
  FieldValues<FieldsOf<O, Id>>
>;

/** The `outputs` of a component of type `Component`; any streams when it declares none by type. */
export type OutputsOf<Component> = Component extends { readonly outputs: infer O extends Outputs }
  ? Outputs extends O ? StreamFields
  : Component extends { declareOutputFields(declarer: never): unknown } ? StreamsOf<O> & MoreStreams
  : O
  : StreamFields;

/** The id of the stream that each bolt may have by its error policy: see `ErrorPolicy`. */
export type DeadLetterStream = "__dead_letter";

/** The fields of the stream `Id` of a source of `O`; of one that `O` does not list no more is known. */
export type SourceFieldsOf<O, Id extends string> = Id extends StreamId<O> ? FieldsOf<O, Id>
  : Id extends DeadLetterStream ? Fields
  : keyof MoreStreams extends keyof O ? Fields
  : never;

/** The ids that a stream of a source of `O` may have. */
export type SourceStreamId<O> =
  | StreamId<O>
  | DefaultStream
  | DeadLetterStream
  | (keyof MoreStreams extends keyof O ? string : never);

/** The fields that a bolt of type `Bolt` takes: those of the `Tuple` of its `execute`. */
export type InputOf<Bolt> = Bolt extends { execute(tuple: infer T, ...rest: never[]): unknown }
  ? T extends { getFields(): infer F extends Fields } ? F : Fields
  : Fields;
