import type { BaseFields } from '@track-orchestrator/registry'

// A function's result is compared without a look at keys too many, so a misspelt optional key would go unseen. These look.

/**
 * What an `inputMapper` must be. `Came` is what the function was given: its keys may be handed on (`{ ...prev, size: 1 }`). Of one of
 * several steps in a place it is not known which of the functions is whose.
 */
export type MapperOf<S, OneOf, In, Arguments extends unknown[], Came, Outputs> = S extends { readonly inputMapper: (...parameters: any) => infer Given }
  ? [OneOf extends true ? never : UnknownKeys<Given, In, Came, Outputs>] extends [never]
    ? (...parameters: Arguments) => In
    : { is: InputHasUnknownKey<UnknownKeys<Given, In, Came, Outputs>, KeyOf<In>, In, Arguments> }['is']
  : (...parameters: Arguments) => In

/** What a `forEach` function must be. */
export type InputsOf<S, OneOf, In, Arguments extends unknown[], Came, Outputs> = S extends { readonly forEach: (...parameters: any) => readonly (infer Given)[] }
  ? [OneOf extends true ? never : UnknownKeys<Given, In, Came, Outputs>] extends [never]
    ? (...parameters: Arguments) => readonly In[]
    : { is: InputsHaveUnknownKey<UnknownKeys<Given, In, Came, Outputs>, KeyOf<In>, In, Arguments> }['is']
  : (...parameters: Arguments) => readonly In[]

/** The keys of `Given` that the input does not have, and that did not come with what the function was given. */
type UnknownKeys<Given, In, Came, Outputs> = 0 extends 1 & Given
  ? never
  : unknown extends In
    ? never
    : Given extends object
      ? Given extends readonly unknown[] | ((...parameters: any) => unknown)
        ? never
        : string extends keyof Given
          ? never
          : Exclude<keyof Given, KeyOf<In> | keyof BaseFields> extends infer Extra
            ? [Extra] extends [never]
              ? never
              : Exclude<Extra, KeyOf<Within<Within<Within<Came | Outputs[keyof Outputs]>>>>>
            : never
      : never
type KeyOf<T> = T extends unknown ? keyof T : never
/** The values, and what lies in them: whole objects may be handed on. */
type Within<T> = T extends readonly (infer Item)[] ? Item : T extends object ? T | T[keyof T] : never

/** `inputMapper` gives a key that the input does not have. A message shows the key, and the keys that there are. */
export interface InputHasUnknownKey<Key, Known, In, Arguments extends unknown[]> {
  (...parameters: Arguments): In & { readonly [K in Key & PropertyKey]?: UnknownInputKey<K, Known> }
}
/** As `InputHasUnknownKey`, of a `forEach` function. */
export interface InputsHaveUnknownKey<Key, Known, In, Arguments extends unknown[]> {
  (...parameters: Arguments): readonly (In & { readonly [K in Key & PropertyKey]?: UnknownInputKey<K, Known> })[]
}
/** `Type 'number' is not assignable to type 'UnknownInputKey<"siz", "text" | "size">'`: the input has no such key; it has these. */
export interface UnknownInputKey<Key, Known> {
  readonly '~unknownInputKey': [Key, Known]
}
