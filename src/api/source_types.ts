/**
 * What a compiler knows of the source of a subscription: which component it is, its streams and
 * fields, and whether the bolt takes them. Types only.
 */

import type { IComponent } from "./component.ts";
import type { Fields } from "./fields.ts";
import type {
  DefaultStream,
  FieldName,
  Outputs,
  OutputsOf,
  SourceFieldsOf,
  SourceStreamId,
} from "./stream_types.ts";

/** Components by their ids: what a `TopologyBuilder` may be told by its type parameter. */
export type Components<C> = { readonly [Id in keyof C]: IComponent };

/** Components of which nothing is known. */
export type AnyComponents = Readonly<Record<string, IComponent>>;

/** A component as the source of a subscription: what `setSpout` and `setBolt` return. */
export interface ComponentSource<O extends Outputs = Outputs> {
  /** The id given to `setSpout` or `setBolt`. */
  readonly id: string;
  /** The streams of the component, for the compiler; not there when it runs. */
  readonly outputs?: O;
}

/** A source: the id of one of the components `C`, or what `setSpout` or `setBolt` returned for it. */
export type Source<C> = (keyof C & string) | ComponentSource;

/** The `outputs` of the source `S`. */
export type SourceOutputs<C, S> = S extends ComponentSource<infer O extends Outputs> ? O
  : S extends keyof C ? OutputsOf<C[S]>
  : never;

/** The ids of the streams of the source `S`. */
export type SourceStream<C, S> = SourceStreamId<SourceOutputs<C, S>>;

/** The names of the fields that the source `S` emits to the stream `Id`. */
export type SourceField<C, S, Id extends string = DefaultStream> = FieldName<
  SourceFieldsOf<SourceOutputs<C, S>, Id>
>;

/** The source `S`, if it has the stream `Id` and a bolt that takes `Input` can take its tuples. */
export type Fitting<C, S, Id extends string, Input extends Fields> =
  & S
  & Fit<SourceFieldsOf<SourceOutputs<C, S>, Id>, Id, Input>;

/** Nothing more to ask of a source whose stream `Id` has the fields `F`; or what is wrong with it. */
export type Fit<F extends Fields, Id extends string, Input extends Fields> = [F] extends [never]
  ? { readonly "the source has no stream of that id": Id }
  : Fields extends F ? unknown
  // Of several streams one is enough: they are several where `streamId` is wrong, told there.
  : [Extract<F, Input>] extends [never]
    ? { readonly "execute() of the bolt takes other fields": Input }
  : unknown;
