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
  readonly meaning: string;
}

function outside(exitCode: number, meaning: string, retryable = false): ErrorClass {
  return Object.freeze({ fault: "external", exitCode, retryable, meaning });
}

function users(exitCode: number, meaning: string): ErrorClass {
  return Object.freeze({ fault: "user", exitCode, retryable: false, meaning });
}

function ours(exitCode: number, meaning: string): ErrorClass {
  return Object.freeze({ fault: "internal", exitCode, retryable: false, meaning });
}

/** The closed list of error codes. */
export type ErrorCode =
  | "usage"
  | "invalid_config"
  | "bundle_failed"
  | "bad_default_export"
  | "define_timeout"
  | "invalid_topology"
  | "unstable_topology"
  | "duplicate_api"
  | "user_code"
  | "user_unhandled"
  | "user_exit"
  | "call_blocked"
  | "call_pending"
  | "cleanup_failed"
  | "memory_high"
  | "out_of_memory"
  | "unknown_stream"
  | "wrong_arity"
  | "no_such_target"
  | "value_not_encodable"
  | "tuple_too_large"
  | "emit_after_end"
  | "collector_closed"
  | "acked_twice"
  | "anchored_to_done"
  | "foreign_tuple"
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
  usage: users(2, "the command line is wrong"),
  invalid_config: users(2, "a configuration key has a value that it may not have"),
  bundle_failed: users(
    3,
    "the topology file cannot be packed: a syntax error, an import that is not found",
  ),
  bad_default_export: users(
    3,
    "the default export of the file is no function, or gives no topology",
  ),
  define_timeout: users(3, "the default export does not return"),
  invalid_topology: users(3, "the topology contradicts itself: streams, groupings, names"),
  unstable_topology: users(3, "the topology is not the same each time that it is built"),
  duplicate_api: users(
    3,
    "a second copy of the API is bundled: classes of one are none of the other",
  ),
  user_code: users(4, "a call of user code threw, or its promise was rejected"),
  user_unhandled: users(4, "a timer or a promise that user code left to itself failed"),
  user_exit: users(4, "user code ended the process, or its thread"),
  call_blocked: users(4, "user code keeps the thread for longer than call.warn.ms; it is let run"),
  call_pending: users(
    4,
    "the promise of a call is open for longer than call.warn.ms; it is waited for",
  ),
  cleanup_failed: users(4, "close() or cleanup() threw; the end goes on"),
  memory_high: users(4, "a task holds more memory than the packing plan gives it; it is let run"),
  out_of_memory: users(
    4,
    "a task was ended for its memory (instance.memory.kill.percent), or got none",
  ),
  unknown_stream: users(4, "an emit to a stream that the component does not declare"),
  wrong_arity: users(4, "an emit with another number of values than its stream has fields"),
  no_such_target: users(
    4,
    "an emitDirect, or a custom grouping, that chose a task to which its tuple cannot go",
  ),
  value_not_encodable: users(
    4,
    "an emit of a value that cannot be sent: a function, a symbol, a cycle",
  ),
  tuple_too_large: users(4, "an emit of a tuple that is larger than topology.tuple.max.bytes"),
  emit_after_end: users(4, "an emit after the task has ended"),
  collector_closed: users(
    4,
    "an emit by a basic bolt's collector after the call that it was given to",
  ),
  acked_twice: users(4, "an ack or fail of a tuple that was acked or failed before"),
  anchored_to_done: users(4, "an emit anchored to a tuple that was acked or failed before"),
  foreign_tuple: users(4, "an ack, fail or anchor that is no tuple of this task"),
  not_found: outside(5, "a file or a record is missing"),
  already_exists: outside(5, "what was to be made is there already"),
  version_conflict: outside(5, "somebody else wrote the record first", true),
  fenced: outside(5, "a newer process has taken the place of this one"),
  unavailable: outside(5, "a process or an address cannot be reached", true),
  timeout: outside(5, "an answer did not come in time", true),
  unauthenticated: outside(5, "the other side does not know the secret of the run"),
  protocol: ours(5, "a process of the run said what it may not say"),
  corrupt: outside(5, "a file or a record is damaged"),
  limit: outside(5, "a limit of size or number is passed"),
  io: outside(5, "the system refused to read or write"),
  process_died: outside(6, "a process of the topology ended without a word"),
  stalled: users(6, "a cycle of the topology waits for itself"),
  internal: ours(70, "a defect of heron-bin"),
});

/** All codes, for documentation and tests. */
export const ERROR_CODES: readonly ErrorCode[] = Object.freeze(
  // The keys of a frozen literal are exactly the union.
  Object.keys(CODES) as ErrorCode[],
);

/** What a code means, in a line. */
export function meaningOf(code: ErrorCode): string {
  return CODES[code].meaning;
}

/** Whether `text` is one of the codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(CODES, text);
}

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
    case "EDQUOT":
    case "EFBIG":
    case "EIO":
    case "EISDIR":
    case "ENAMETOOLONG":
    case "ENOTDIR":
    case "ESTALE":
    case "EMFILE":
    case "ENFILE":
    case "EROFS":
      return "io";
    default:
      return "internal";
  }
}
