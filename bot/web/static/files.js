// Files that go along: each is sent as soon as it is chosen; the message or the form then names it by its number.
import { page, words } from "./net.js";

const box = (part) => part.closest("[data-files]");
const items = (part) => [...part.querySelectorAll(".attached li")];

export const attachedTo = (form) => items(form).map((item) => Number(item.dataset.id));

export async function attach(input) {
  const here = box(input);
  const form = input.closest("form");
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  complain(here, "");
  for (const file of input.files) {
    const kept = await upload(file);
    if (kept?.id) here.querySelector(".attached").append(item(here, kept));
    else complain(here, kept?.refused ?? words.failed);
  }
  input.value = "";
  delete form.dataset.busy;
  name(here);
}

export function detach(button) {
  const here = box(button);
  button.closest("li").remove();
  name(here);
  here.querySelector("[data-upload]").focus();
}

export function detachAll(form) {
  const all = items(form);
  for (const each of all) each.remove();
  return all;
}

async function upload(file) {
  const body = new FormData();
  body.append("file", file);
  try {
    const response = await fetch(`${page.base}/files`, { method: "POST", body });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

function item(here, kept) {
  const fresh = here.querySelector("template").content.firstElementChild.cloneNode(true);
  fresh.dataset.id = kept.id;
  fresh.querySelector("bdi").textContent = kept.name;
  return fresh;
}

function name(here) {
  const field = here.querySelector("input[type=hidden]");
  if (field) field.value = items(here).map((each) => each.dataset.id).join(" ");
}

function complain(here, text) {
  (here.querySelector(".error") ?? here.closest("form").querySelector(".error")).textContent = text;
}
