/**
 * Hands a picture from one page to the next: pages cannot pass files in an address, so it waits in the browser's own
 * database until the next page takes it out, which is at once.
 */
const DATABASE = "dropped-picture";
const STORE = "pictures";
const KEY = "newest";

const resultOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Run `action` on the store in one transaction and resolve to the result of its request once that is complete. */
async function transact(action) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await resultOf(opening);
  const transaction = database.transaction(STORE, "readwrite");
  const request = action(transaction.objectStore(STORE));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  database.close();
  return request.result;
}

/** Leave a picture for the next page. */
export const leavePicture = (file) => transact((store) => store.put(file, KEY));

/** The picture that the page before has left, or undefined. Nothing of it stays. */
export async function takePicture() {
  const file = await transact((store) => store.get(KEY));
  await resultOf(indexedDB.deleteDatabase(DATABASE));
  return file;
}
