export { isProcessGone, placeOfProcesses, processStart, processState } from './processes.ts'
