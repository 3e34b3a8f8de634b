export { createClient } from './create-client.ts'
export type { Client, ClientOptions, FollowOptions, TriggeredRun } from './create-client.ts'
export type { ClientDefinitions, InputOf, NameOf, OutputOf } from './runnables.ts'
export type { RunProgress, RunState, TriggerRun } from './run-state.ts'
