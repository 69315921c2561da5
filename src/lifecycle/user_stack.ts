/**
 * Stacks for people: only the frames of the topology's own files, with paths
 * relative to the topology's file (`topology.ts:8:29`). Pure.
 */

/** Folder names whose files are not the topology's own. */
const FOREIGN = /(^|\/)node_modules\//;

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly position: string;
}

/**
 * The frames of `stack` that lie in `folder`, as lines `at name (topology.ts:8:29)`.
 * Dependencies' frames come in only when no frame of the topology itself is there.
 */
export function userFrames(stack: string, folder: string): readonly string[] {
  const prefix = folder.endsWith("/") ? folder : `${folder}/`;
  const frames: Frame[] = [];
  for (const line of stack.split("\n")) {
    const frame = parseFrame(line);
    if (frame === undefined) continue;
    const file = frame.file.replace(/^file:\/\//, "");
    if (file.startsWith(prefix)) frames.push({ ...frame, file: file.slice(prefix.length) });
  }
  const own = frames.filter((frame) => !FOREIGN.test(frame.file));
  return (own.length > 0 ? own : frames).map(formatFrame);
}

// "    at name (file:line:column)" or "    at file:line:column".
function parseFrame(line: string): Frame | undefined {
  const match = /^\s*at (?:(.*) \()?(.*?):(\d+:\d+)\)?$/.exec(line);
  if (match === null) return undefined;
  return { name: match[1] ?? "", file: match[2] ?? "", position: match[3] ?? "" };
}

function formatFrame({ name, file, position }: Frame): string {
  return name === "" || name === "<anonymous>"
    ? `at ${file}:${position}`
    : `at ${name} (${file}:${position})`;
}
