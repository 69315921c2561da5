/**
 * The error of a value that cannot travel in a tuple, with the place inside the
 * value. The writers throw it where they stand; each container on the way out
 * puts its own step in front of the path.
 */

/** A value that cannot be encoded; whoever emits adds component, stream and field. */
export class ValueNotEncodable extends TypeError {
  override readonly name = "ValueNotEncodable";
  /** What was found and what was expected, such as `undefined, expected null or a value`. */
  readonly reason: string;
  /** Where inside the value, such as `[2].name`; empty when it is the value itself. */
  readonly path: string;
  /** The container that lies too deep; found again among its own ancestors, it is a cycle. */
  readonly tooDeep: object | undefined;

  constructor(reason: string, path = "", tooDeep?: object) {
    super(`Encode a value: ${path === "" ? "" : `at "${path}" `}found ${reason}`);
    this.reason = reason;
    this.path = path;
    this.tooDeep = tooDeep;
  }
}

/** The same error as seen from `container`, one `step` further out; other errors stay as they are. */
export function locate(error: unknown, step: string, container: object): unknown {
  if (!(error instanceof ValueNotEncodable)) return error;
  if (error.tooDeep === container) {
    return new ValueNotEncodable("a value that contains itself, expected a tree", "", container);
  }
  return new ValueNotEncodable(error.reason, step + error.path, error.tooDeep);
}

/** The step of a path to the property `key`: `.key`, or `["odd key"]`. */
export function propertyStep(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
