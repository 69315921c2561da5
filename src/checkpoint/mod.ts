/** Door of `checkpoint`: keyed state, and its key groups as bytes. */

export type { ByteKeyedState } from "./byte_keyed_state.ts";
export { KeyedStates, type StateOwner } from "./keyed_states.ts";
export { GroupSaver, restoreGroups } from "./saved_group.ts";
