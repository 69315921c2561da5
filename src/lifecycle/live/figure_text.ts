/** Figures as a table shows them: short, of a fixed width at most, "-" for what is not known. Pure. */

/** What stands for a figure that is not there. */
export const UNKNOWN = "-";

const THOUSANDS = ["", "k", "M", "G", "T"];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A count or a rate: "0", "7.3", "950", "45.2k", "1.20M". */
export function formatFigure(figure: number | undefined): string {
  if (figure === undefined || !Number.isFinite(figure)) return UNKNOWN;
  if (figure === 0) return "0";
  if (figure < 0.05) return "<0.1";
  if (figure < 10) return trimZero(figure.toFixed(1));
  return scaled(figure, 1000, (unit) => THOUSANDS[unit] ?? "");
}

/** Bytes: "812 B", "64.0 MiB". */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return UNKNOWN;
  return scaled(bytes, 1024, (unit) => ` ${BYTES[unit] ?? ""}`);
}

/** A part of a whole: "0%", "<1%", "83%". */
export function formatShare(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return UNKNOWN;
  if (share > 0 && share < 0.01) return "<1%";
  return `${Math.round(share * 100)}%`;
}

/** A latency given in milliseconds, without the unit: "0.004", "1.25", "31.0", "1520". */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms === 0) return "0";
  if (ms < 0.001) return "<.001";
  if (ms < 0.1) return ms.toFixed(3);
  if (ms < 10) return ms.toFixed(2);
  return ms < 100 ? ms.toFixed(1) : formatFigure(ms);
}

/** Time since something began: "12s", "3m05s", "2h03m", "4d02h". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
  }
  return `${Math.floor(seconds / 86_400)}d${two(Math.floor(seconds / 3600) % 24)}h`;
}

function scaled(figure: number, step: number, unitOf: (unit: number) => string): string {
  let unit = 0;
  let value = figure;
  // What would be written as "1000k" is "1.00M".
  while (value >= step - 0.5 && unit < THOUSANDS.length - 1) {
    value /= step;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}${unitOf(unit)}`;
}

function trimZero(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}
