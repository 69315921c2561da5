/** Broken builds of tuples in parts: what a receiver does when some of a tuple was lost. */

import type { InChannel } from "../tuples/mod.ts";
import type { MutantMakers } from "./mutant_run.ts";

type Name = "parts_of_two_tuples_glued" | "lost_part_unnoticed" | "cut_tuple_not_freed";

/** The makers. */
export const partMutants: MutantMakers<Name> = Object.freeze({
  /** Behind a loss, whatever part comes next is taken to continue the tuple. */
  parts_of_two_tuples_glued: () => ({
    channels: (channels: readonly InChannel[]) => channels.forEach(glue),
  }),
  /** Parts are added though some before them never came. */
  lost_part_unnoticed: () => ({
    channels: (channels: readonly InChannel[]) => {
      for (const channel of channels) {
        const arrive = channel.arrive.bind(channel);
        channel.arrive = (offset) => {
          const verdict = arrive(offset);
          return verdict === "gap" && channel.partial !== undefined ? "next" : verdict;
        };
      }
    },
  }),
  /** The bytes of a tuple that was cut off stay on its channel's account. */
  cut_tuple_not_freed: () => ({
    channels: (channels: readonly InChannel[]) => {
      for (const channel of channels) {
        const cutPartial = channel.cutPartial.bind(channel);
        channel.cutPartial = () => {
          channel.handle(-cutPartial());
          return 0;
        };
      }
    },
  }),
});

function glue(channel: InChannel): void {
  const addPart = channel.addPart.bind(channel);
  channel.cutPartial = () => 0;
  channel.addPart = (reader) => {
    const { partial } = channel;
    if (partial !== undefined) {
      reader.tupleOffset = partial.tupleOffset;
      partial.isContinuedBy = () => true;
    }
    return addPart(reader);
  };
}
