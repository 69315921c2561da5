/** Door of `container`: the supervisor of one container's processes. */

export { type ContainerOptions, runContainer } from "./container.ts";
