/**
 * The operating errors of heron-bin: one class, one closed list of codes.
 * A code tells whose fault it is, if a retry makes sense and which exit code
 * the process ends with. Our own mistakes are `TypeError`, `RangeError` or
 * `assert` and are caught by nobody.
 */

/** Whose fault an error is: the user's, something outside, or our own. */
export type ErrorFault = "user" | "external" | "internal";

interface ErrorClass {
  readonly fault: ErrorFault;
  readonly retryable: boolean;
  readonly exitCode: number;
}

function errorClass(fault: ErrorFault, exitCode: number, retryable = false): ErrorClass {
  return Object.freeze({ fault, exitCode, retryable });
}

/** The closed list of error codes. */
export type ErrorCode =
  | "usage"
  | "invalid_config"
  | "invalid_topology"
  | "unstable_topology"
  | "duplicate_api"
  | "user_code"
  | "value_not_encodable"
  | "tuple_too_large"
  | "not_found"
  | "already_exists"
  | "version_conflict"
  | "fenced"
  | "unavailable"
  | "timeout"
  | "unauthenticated"
  | "protocol"
  | "corrupt"
  | "limit"
  | "io"
  | "process_died"
  | "stalled"
  | "internal";

const CODES: Readonly<Record<ErrorCode, ErrorClass>> = Object.freeze({
  usage: errorClass("user", 2),
  invalid_config: errorClass("user", 2),
  invalid_topology: errorClass("user", 3),
  unstable_topology: errorClass("user", 3),
  duplicate_api: errorClass("user", 3),
  user_code: errorClass("user", 4),
  value_not_encodable: errorClass("user", 4),
  tuple_too_large: errorClass("user", 4),
  not_found: errorClass("external", 5),
  already_exists: errorClass("external", 5),
  version_conflict: errorClass("external", 5, true),
  fenced: errorClass("external", 5),
  unavailable: errorClass("external", 5, true),
  timeout: errorClass("external", 5, true),
  unauthenticated: errorClass("external", 5),
  protocol: errorClass("internal", 5),
  corrupt: errorClass("external", 5),
  limit: errorClass("external", 5),
  io: errorClass("external", 5),
  process_died: errorClass("external", 6),
  stalled: errorClass("user", 6),
  internal: errorClass("internal", 70),
});

/** All codes, for documentation and tests. */
export const ERROR_CODES: readonly ErrorCode[] = Object.freeze(
  // The keys of a frozen literal are exactly the union.
  Object.keys(CODES) as ErrorCode[],
);

/** An operating error: what was attempted, then a colon, what was found and what was expected. */
export class HeronError extends Error {
  /** Always "HeronError". */
  override readonly name = "HeronError";
  /** Which error it is. */
  readonly code: ErrorCode;

  /** An error of `code`; `message` says what was attempted, what was found, and what was expected. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whose fault it is. */
  get fault(): ErrorFault {
    return CODES[this.code].fault;
  }

  /** Whether trying again can help. */
  get retryable(): boolean {
    return CODES[this.code].retryable;
  }

  /** The exit code of a process that ends with this error. */
  get exitCode(): number {
    return CODES[this.code].exitCode;
  }

  /** Translates anything thrown into a `HeronError`; system errors by their errno. */
  static from(thrown: unknown, attempted?: string): HeronError {
    if (thrown instanceof HeronError) return thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const message = attempted === undefined ? text : `${attempted}: ${text}`;
    return new HeronError(codeOfSystemError(thrown), message, { cause: thrown });
  }
}

function codeOfSystemError(thrown: unknown): ErrorCode {
  if (!(thrown instanceof Error) || !("code" in thrown)) return "internal";
  switch (thrown.code) {
    case "ENOENT":
      return "not_found";
    case "EEXIST":
      return "already_exists";
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "EPIPE":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "unavailable";
    case "ETIMEDOUT":
      return "timeout";
    case "EACCES":
    case "EPERM":
    case "ENOSPC":
    case "EIO":
    case "EMFILE":
    case "ENFILE":
    case "EROFS":
      return "io";
    default:
      return "internal";
  }
}
