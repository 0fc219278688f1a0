const names = [
  "train-images-idx3-ubyte.gz",
  "train-labels-idx1-ubyte.gz",
  "t10k-images-idx3-ubyte.gz",
  "t10k-labels-idx1-ubyte.gz",
];

/** The digits that come with the page, as files such as a person may choose in their place. */
export async function fetchOwnDigits(): Promise<readonly File[]> {
  const folder = new URL("digits/", document.baseURI);
  return Promise.all(
    names.map(async (name) => {
      const response = await fetch(new URL(name, folder)).catch((cause: unknown) => {
        throw new Error("The digits could not be fetched: there is no connection to the server.", { cause });
      });
      if (!response.ok) throw new Error(`The digits could not be fetched: ${name} answers ${response.status}.`);
      return new File([await response.blob()], name);
    }),
  );
}
