/**
 * The fenced blocks of a page, each with what the comments right above it say: `<!-- file: a.ts -->`
 * or `<!-- in: a.ts, fails -->`. What a block is for is told by page_steps.ts.
 */

/** A fenced block of a page. */
export interface Block {
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** Its info string: the language. */
  readonly kind: string;
  readonly text: string;
  /** What the comment above it says: the values by their names; "" for a name alone. */
  readonly notes: ReadonlyMap<string, string>;
}

const FENCE = /^(`{3,})(.*)$/;
const COMMENT = /^<!-- (.*) -->$/;

/** The blocks of a page, in order. @throws Error for a fence that is not closed */
export function blocksOf(page: string): readonly Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, kind = ""] = FENCE.exec(lines[at] ?? "") ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, at + 1);
    if (end < 0) throw new Error(`Read a page: the block of line ${at + 1} has no end`);
    blocks.push({
      line: at + 1,
      kind: kind.trim(),
      text: lines.slice(at + 1, end).map((line) => `${line}\n`).join(""),
      notes: notesAbove(lines, at),
    });
    at = end;
  }
  return blocks;
}

function notesAbove(lines: readonly string[], fence: number): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  for (let at = fence - 1; at >= 0; at--) {
    const line = lines[at] ?? "";
    const [, said] = COMMENT.exec(line) ?? [];
    if (said === undefined && line !== "") break;
    for (const note of said?.split(", ") ?? []) {
      const [name = "", ...value] = note.split(": ");
      notes.set(name, value.join(": "));
    }
  }
  return notes;
}

/** The targets of the links of a page that lead to files of the repository, each with its line. */
export function linksOf(page: string): readonly { readonly line: number; readonly to: string }[] {
  return page.split("\n").flatMap((text, at) =>
    [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, to = ""]) => ({ line: at + 1, to }))
      .filter(({ to }) => !/^[a-z]+:/.test(to))
  );
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  let isCode = false;
  const anchors = new Set<string>();
  for (const line of page.split("\n")) {
    if (FENCE.test(line)) isCode = !isCode;
    const [, title] = /^#+ (.*)$/.exec(line) ?? [];
    if (isCode || title === undefined) continue;
    const kept = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
    anchors.add(kept.trim().replaceAll(" ", "-"));
  }
  return anchors;
}
