/**
 * The logger that roles are handed: five levels, scoped children, fields not
 * sentences. Low layers report events; only roles log.
 */

/** Fields of a log line; values are printed as JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A scoped logger. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  fatal(event: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
}

function ignore(): void {}

/** A logger that writes nothing. */
export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
  child: () => silentLogger,
});
