export { isProcessGone, placeOfProcesses, processStart } from './processes.ts'
