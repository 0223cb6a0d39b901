type ArabicPlural = "zero" | "one" | "two" | "few" | "many" | "other";

/**
 * What the Arabic words must hold for these English ones: every key, and for each `x_one`/`x_other` pair the six
 * Arabic plural forms. A missing key is a compile error.
 */
export type ArabicOf<English> = {
  [
    Key in keyof English as Key extends `${infer Base}_other`
      ? `${Base}_${ArabicPlural}`
      : Key extends `${string}_one`
        ? never
        : Key
  ]: English[Key] extends string ? string : ArabicOf<English[Key]>;
};
