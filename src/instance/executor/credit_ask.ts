/**
 * A call that waits for credit says now and then where its channel stands.
 * What was lost on the way keeps its credit until the receiver hears of it, and
 * the notice of that loss waits behind the call.
 */

import type { FrameSink, OutChannel } from "../../tuples/mod.ts";

/** The first wait before a channel says where it stands; each further one is twice as long. */
const FIRST_MS = 250;

/** Tells at each call whether `channel` has credit; says where it stands when it has had none for long. */
export function creditAsk(
  channel: OutChannel,
  { sink, nowMs }: { readonly sink: FrameSink; nowMs(): number },
): () => boolean {
  let delayMs = FIRST_MS;
  let askAtMs = nowMs() + delayMs;
  return () => {
    if (channel.headroom() > 0) return true;
    if (nowMs() < askAtMs) return false;
    channel.sync(sink);
    delayMs *= 2;
    askAtMs = nowMs() + delayMs;
    return false;
  };
}
