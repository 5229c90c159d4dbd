/** Which attributes the served models predict. */

/** Whether one of the models predicts `attribute`, such as `mask`. */
export const servesAttribute = (status, attribute) =>
  Object.values(status?.models ?? {}).some(({ attributes }) => attributes.includes(attribute));
