export function installServer(): Promise<void>
