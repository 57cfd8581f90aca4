// One's own messages: written anew, or taken away.
import { confirmed } from "./dialogs.js";
import { put } from "./messages.js";
import { newKey, post, toast, words } from "./net.js";

export function edit(button) {
  const message = button.closest(".message");
  const said = message.querySelector(".said");
  button.closest("details").open = false;
  if (message.querySelector(".own-edit")) return;
  const form = document.querySelector("#own-edit").content.firstElementChild.cloneNode(true);
  const box = form.querySelector("textarea");
  box.value = button.dataset.text;
  said.hidden = true;
  said.after(form);
  box.focus();
  const end = () => {
    form.remove();
    said.hidden = false;
    message.focus();
  };
  form.querySelector("[data-cancel]").addEventListener("click", end);
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") end();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form, button.dataset, box.value);
  });
}

async function save(form, { place, message }, text) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  form.dataset.key ||= newKey();
  const answer = await post("edit", { place, message: Number(message), text, key: form.dataset.key });
  delete form.dataset.busy;
  if (!answer?.changes) return (form.querySelector(".error").textContent = answer?.refused ?? words.failed);
  form.remove();
  answer.changes.forEach(put);
}

export async function remove(button) {
  const { place, message, sure } = button.dataset;
  button.closest("details").open = false;
  if (!(await confirmed(sure))) return;
  const answer = await post("delete", { place, message: Number(message), key: newKey() });
  if (answer?.changes) answer.changes.forEach(put);
  else toast(answer?.refused ?? words.failed);
}
