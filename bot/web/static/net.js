// Talking to the server, and the words it gave us for when that fails.
export const page = document.body.dataset;
export const words = JSON.parse(page.words);
export const newKey = () => crypto.randomUUID();

// What is sent carries a key, so that sent twice it happens once. The answer, or null: the server was not reached.
export async function post(path, body) {
  try {
    const response = await fetch(`${page.base}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

export async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

export function toast(text) {
  const shown = document.createElement("p");
  shown.className = "toast";
  shown.dir = "auto";
  shown.textContent = text;
  document.querySelector("#toasts").append(shown);
  setTimeout(() => shown.remove(), Math.max(5000, text.length * 80));
}
