/**
 * What stands in the text of a frame for what was taken out of it before it was parsed. No worker can guess these, so a
 * text that holds one is ours.
 */
const secret = crypto.randomUUID().slice(0, 8);

/** A text that begins so stands for a number that JSON does not have; the rest is what stood there. */
export const NOT_A_NUMBER = `${secret}# `;

/** A text that ends so was longer. */
export const CUT = `...${secret}`;
