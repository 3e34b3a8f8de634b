export { makeFolder, makeFolderSync, type MakeFolderOptions } from './make-folder.ts'
