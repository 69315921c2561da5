/**
 * Descriptors of protobuf messages for the generated code, made when they are
 * first asked for. protobuf-es makes its own from an encoded file, whole and at
 * import, with the descriptors of descriptors before it: most of the time that
 * a process took to start. What is not used by its readers and writers of
 * binary and JSON (options, services, extensions) is not here.
 */

import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescOneof,
  Message,
} from "@bufbuild/protobuf";
import type { GenEnum, GenFile, GenMessage } from "@bufbuild/protobuf/codegenv2";

/**
 * A message as the generated code writes it. Its fields are `name number presence type`, with `; `
 * between them. Presence: `=` implicit, `?` explicit, `!` required, `*` repeated, `#` packed, else
 * the name of its oneof. Type: a number of protobuf's scalar types, else the full name of a message,
 * or of an enum behind `@`.
 */
export type CompactMessage = readonly [
  name: string,
  fields: string,
  nested?: readonly CompactMessage[],
  enums?: readonly CompactEnum[],
];

/** An enum as the generated code writes it; values are `name number`, with `; ` between them. */
export type CompactEnum = readonly [name: string, values: string];

/** A file as the generated code writes it. */
export interface CompactFile {
  /** Path without `.proto`. */
  readonly name: string;
  readonly package: string;
  readonly syntax: "proto2" | "proto3";
  readonly messages: readonly CompactMessage[];
  readonly enums?: readonly CompactEnum[];
}

// As protobuf-es numbers them; its enums would bring its descriptors along.
const EDITION = Object.freeze({ proto2: 998, proto3: 999 });
const PRESENCE: Readonly<Record<string, number>> = Object.freeze({ "?": 1, "=": 2, "!": 3 });
const SIGNS: ReadonlySet<string> = new Set(["=", "?", "!", "*", "#"]);
const SCALARS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 19 }, (_, type) => [String(type), type]),
);
const EXPLICIT = 1;
const IMPLICIT = 2;

const MESSAGES = new Map<string, LazyMessage>();
const ENUMS = new Map<string, LazyEnum>();

/** The descriptor of a generated file. */
export function fileDesc(compact: CompactFile, dependencies: GenFile[] = []): GenFile {
  const file = new LazyFile(compact, dependencies);
  // It has all that protobuf-es reads; `proto` is for the generators of code.
  return file as unknown as GenFile;
}

/** The descriptor of message number `path` of a file; of one within it. */
export function messageDesc<Shape extends Message>(
  file: GenFile,
  path: number,
  ...paths: number[]
): GenMessage<Shape> {
  const found = paths.reduce((parent, at) => parent?.nestedMessages[at], file.messages[path]);
  // The generated code names the shape that belongs to the path.
  return known(found, `message ${path} of "${file.name}"`) as unknown as GenMessage<Shape>;
}

/** The descriptor of an enum: the last number is its own, those before lead to its message. */
export function enumDesc<Shape extends number>(
  file: GenFile,
  path: number,
  ...paths: number[]
): GenEnum<Shape> {
  const own = paths.at(-1) ?? path;
  const within = paths.length === 0 ? undefined : messageDesc(file, path, ...paths.slice(0, -1));
  const found = within === undefined ? file.enums[own] : within.nestedEnums[own];
  // The generated code names the shape that belongs to the path.
  return known(found, `enum ${own} of "${file.name}"`) as unknown as GenEnum<Shape>;
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new TypeError(`Look up ${what}: not in the generated code`);
  return found;
}

class LazyFile {
  readonly kind = "file";
  readonly name: string;
  readonly package: string;
  readonly edition: number;
  readonly isProto3: boolean;
  readonly deprecated = false;
  readonly dependencies: readonly DescFile[];
  readonly enums: readonly LazyEnum[];
  readonly messages: readonly LazyMessage[];
  readonly extensions = [];
  readonly services = [];

  constructor(compact: CompactFile, dependencies: readonly DescFile[]) {
    this.name = compact.name;
    this.package = compact.package;
    this.edition = EDITION[compact.syntax];
    this.isProto3 = compact.syntax === "proto3";
    this.dependencies = dependencies;
    this.enums = (compact.enums ?? []).map((one) => new LazyEnum(one, this, undefined));
    this.messages = compact.messages.map((one) => new LazyMessage(one, this, undefined));
  }

  toString(): string {
    return `file ${this.name}.proto`;
  }
}

class LazyEnum {
  readonly kind = "enum";
  readonly name: string;
  readonly typeName: string;
  readonly file: LazyFile;
  readonly parent: LazyMessage | undefined;
  readonly open: boolean;
  readonly deprecated = false;
  readonly #compact: string;
  #values: readonly DescEnumValue[] | undefined;
  #sharedPrefix: string | undefined;

  constructor([name, values]: CompactEnum, file: LazyFile, parent: LazyMessage | undefined) {
    this.name = name;
    this.typeName = `${parent?.typeName ?? file.package}.${name}`;
    this.file = file;
    this.parent = parent;
    this.open = file.isProto3;
    this.#compact = values;
    ENUMS.set(this.typeName, this);
  }

  get values(): readonly DescEnumValue[] {
    return this.#values ??= this.#createValues();
  }

  get value(): Readonly<Record<number, DescEnumValue>> {
    return Object.fromEntries(this.values.map((value) => [value.number, value]));
  }

  get sharedPrefix(): string | undefined {
    return this.values.length === 0 ? undefined : this.#sharedPrefix;
  }

  #createValues(): readonly DescEnumValue[] {
    const pairs = this.#compact.split("; ").map((text) => text.split(" "));
    const prefix = `${this.name.replaceAll(/(?<=.)[A-Z]/g, "_$&").toLowerCase()}_`;
    const isShared = pairs.every(([name = ""]) =>
      name.toLowerCase().startsWith(prefix) && /^\D/.test(name.slice(prefix.length))
    );
    this.#sharedPrefix = isShared ? prefix : undefined;
    return pairs.map(([name = "", number]) => {
      const value = {
        kind: "enum_value",
        name,
        localName: isShared ? name.slice(prefix.length) : name,
        jsonName: name,
        number: Number(number),
        parent: this,
        deprecated: false,
        toString: () => `enum value ${this.typeName}.${name}`,
      };
      // It has all that protobuf-es reads.
      return value as unknown as DescEnumValue;
    });
  }

  toString(): string {
    return `enum ${this.typeName}`;
  }
}

interface Fields {
  readonly fields: readonly DescField[];
  readonly field: Readonly<Record<string, DescField>>;
  readonly oneofs: readonly DescOneof[];
  readonly members: readonly (DescField | DescOneof)[];
}

class LazyMessage {
  readonly kind = "message";
  readonly name: string;
  readonly typeName: string;
  readonly file: LazyFile;
  readonly parent: LazyMessage | undefined;
  readonly deprecated = false;
  readonly nestedEnums: readonly LazyEnum[];
  readonly nestedMessages: readonly LazyMessage[];
  readonly nestedExtensions = [];
  readonly #compact: string;
  #made: Fields | undefined;

  constructor(compact: CompactMessage, file: LazyFile, parent: LazyMessage | undefined) {
    const [name, fields, nested = [], enums = []] = compact;
    this.name = name;
    this.typeName = `${parent?.typeName ?? file.package}.${name}`;
    this.file = file;
    this.parent = parent;
    this.#compact = fields;
    MESSAGES.set(this.typeName, this);
    this.nestedEnums = enums.map((one) => new LazyEnum(one, file, this));
    this.nestedMessages = nested.map((one) => new LazyMessage(one, file, this));
  }

  get fields(): readonly DescField[] {
    return this.#fields.fields;
  }

  get field(): Readonly<Record<string, DescField>> {
    return this.#fields.field;
  }

  get oneofs(): readonly DescOneof[] {
    return this.#fields.oneofs;
  }

  get members(): readonly (DescField | DescOneof)[] {
    return this.#fields.members;
  }

  get #fields(): Fields {
    return this.#made ??= createFields(this, this.#compact);
  }

  toString(): string {
    return `message ${this.typeName}`;
  }
}

function createFields(parent: LazyMessage, compact: string): Fields {
  const fields: DescField[] = [];
  const field: Record<string, DescField> = {};
  const oneofs = new Map<string, DescOneof>();
  const members: (DescField | DescOneof)[] = [];
  for (const text of compact === "" ? [] : compact.split("; ")) {
    const [name = "", number, presence = "", type = ""] = text.split(" ");
    let oneof = oneofs.get(presence);
    if (oneof === undefined && !SIGNS.has(presence)) {
      oneof = createOneof(parent, presence);
      oneofs.set(presence, oneof);
      members.push(oneof);
    }
    const made = createField(parent, { name, number: Number(number), presence, type, oneof });
    fields.push(made);
    field[made.localName] = made;
    if (oneof === undefined) members.push(made);
    else oneof.fields.push(made);
  }
  return { fields, field, members, oneofs: [...oneofs.values()] };
}

function createOneof(parent: LazyMessage, name: string): DescOneof {
  const oneof = {
    kind: "oneof",
    name,
    localName: camelCase(name),
    parent,
    fields: [],
    deprecated: false,
    toString: () => `oneof ${parent.typeName}.${name}`,
  };
  // It has all that protobuf-es reads.
  return oneof as unknown as DescOneof;
}

interface FieldParts {
  readonly name: string;
  readonly number: number;
  readonly presence: string;
  readonly type: string;
  readonly oneof: DescOneof | undefined;
}

function createField(parent: LazyMessage, parts: FieldParts): DescField {
  const { name, number, presence, type, oneof } = parts;
  const isList = presence === "*" || presence === "#";
  const localName = camelCase(name);
  const scalar = SCALARS.get(type);
  const kind = scalar !== undefined ? "scalar" : type.startsWith("@") ? "enum" : "message";
  const field = {
    kind: "field",
    name,
    number,
    localName,
    jsonName: localName,
    parent,
    oneof,
    deprecated: false,
    presence: isList ? IMPLICIT : PRESENCE[presence] ?? EXPLICIT,
    utf8Validation: parent.file.isProto3,
    fieldKind: isList ? "list" : kind,
    listKind: isList ? kind : undefined,
    mapKind: undefined,
    mapKey: undefined,
    scalar,
    message: kind === "message" ? messageNamed(type) : undefined,
    enum: kind === "enum" ? enumNamed(type.slice(1)) : undefined,
    packed: isList ? presence === "#" : undefined,
    delimitedEncoding: kind === "message" ? false : undefined,
    longAsString: false,
    getDefaultValue: isList ? undefined : noDefault,
    toString: () => `field ${parent.typeName}.${name}`,
  };
  // It has all that protobuf-es reads.
  return field as unknown as DescField;
}

function messageNamed(typeName: string): DescMessage {
  // It has all that protobuf-es reads.
  return known(MESSAGES.get(typeName), `"${typeName}"`) as unknown as DescMessage;
}

function enumNamed(typeName: string): DescEnum {
  // It has all that protobuf-es reads.
  return known(ENUMS.get(typeName), `"${typeName}"`) as unknown as DescEnum;
}

function noDefault(): undefined {}

function camelCase(snakeCase: string): string {
  if (!snakeCase.includes("_")) return snakeCase;
  return snakeCase.replaceAll(/_+(.)/g, (_whole, letter: string) => letter.toUpperCase());
}
