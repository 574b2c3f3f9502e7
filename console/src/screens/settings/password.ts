const PASSWORD_BYTES_MIN = 15

/** Something stands there, and it is too little. */
export const isShort = (password: string) => password !== '' && new TextEncoder().encode(password).length < PASSWORD_BYTES_MIN
