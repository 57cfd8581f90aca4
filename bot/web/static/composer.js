// Where one writes. What is typed stays until it has been sent, also over a reload.
import { showAnswer } from "./dialogs.js";
import { attachedTo, detachAll } from "./files.js";
import { ask, markRead, put } from "./messages.js";
import { newKey, page, post, words } from "./net.js";

const suggestions = () => JSON.parse(document.querySelector("#suggestions")?.dataset.list ?? "[]");

export function startComposer(form) {
  const box = form.querySelector("textarea");
  const saved = `draft ${page.base} ${form.dataset.place} ${form.dataset.thread ?? ""}`;
  const list = suggest(form, box);
  box.value ||= sessionStorage.getItem(saved) ?? "";
  box.addEventListener("input", () => {
    sessionStorage.setItem(saved, box.value);
    delete form.dataset.key;
    complain(form, "");
    list.update();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.took(event)) return;
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  let sending = Promise.resolve();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const message = { text: box.value, key: form.dataset.key ?? newKey() };
    message.files = attachedTo(form);
    if ((!message.text.trim() && !message.files.length) || form.dataset.busy) return; // files alone: it is said that words are missing
    const items = detachAll(form);
    box.value = "";
    delete form.dataset.key;
    list.update();
    sending = sending.then(() => send(form, box, saved, message, items));
  });
}

// The draft is kept until the message stands. One that failed comes back, with the key that makes it the same message.
async function send(form, box, saved, message, items) {
  const { place, thread } = form.dataset;
  form.querySelector(".send").setAttribute("aria-busy", true);
  const answer = await post("messages", { place, thread, ...message });
  form.querySelector(".send").setAttribute("aria-busy", false);
  if (!answer || answer.refused) return giveBack(form, box, message, items, answer ? answer.refused : words.failed);
  sessionStorage.setItem(saved, box.value);
  if (!answer.changes) return showAnswer(answer);
  answer.changes.forEach(put);
  if (answer.working) ask(answer.changes[0].id, thread);
  form.parentElement.querySelector(".scroller").scrollTo({ top: 0 });
  markRead();
}

function giveBack(form, box, message, items, why) {
  form.querySelector(".attached").prepend(...items);
  if (!box.value) form.dataset.key = message.key;
  box.value = [message.text, box.value].filter(Boolean).join("\n");
  complain(form, why);
}

function complain(form, text) {
  form.querySelector(".error").textContent = text;
}

// "/" at the beginning lists commands, "@" lists people: arrow keys choose, Enter or Tab takes, Escape closes.
function suggest(form, box) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${box.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  form.append(list);
  let typed = "";

  const options = () => [...list.children];
  const chosen = () => options().find((option) => option.ariaSelected === "true");
  const close = () => {
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    options().forEach((each) => (each.ariaSelected = each === option));
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const take = (option) => {
    const start = box.selectionStart - typed.length;
    box.setRangeText(option.dataset.insert, start, box.selectionStart, "end");
    close();
    box.dispatchEvent(new Event("input"));
    close();
  };
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) take(option);
  });
  box.addEventListener("blur", close);

  return {
    update() {
      const before = box.value.slice(0, box.selectionStart);
      typed = before.match(/^\/[a-z-]*$|(?<=^|\s)@[\p{L}\p{N}._-]*$/u)?.[0] ?? "";
      const sought = typed.toLocaleLowerCase();
      const fitting = typed ? suggestions().filter((each) => [each.insert, ...each.also].some((word) => word.toLocaleLowerCase().startsWith(sought))) : [];
      list.replaceChildren(...fitting.slice(0, 8).map((each, index) => option(list.id, each, index)));
      if (!fitting.length) return close();
      list.hidden = false;
      choose(options().find((each) => each.dataset.insert.trim() === typed) ?? list.firstElementChild);
    },
    took(event) {
      if (list.hidden) return false;
      if (event.key === "Enter" && chosen().dataset.insert.trim() === box.value) return close();
      const at = options().indexOf(chosen());
      if (event.key === "Escape") close();
      else if (event.key === "ArrowDown") choose(options()[(at + 1) % options().length]);
      else if (event.key === "ArrowUp") choose(options().at(at - 1));
      else if (event.key === "Enter" || event.key === "Tab") take(chosen());
      else return false;
      event.preventDefault();
      return true;
    },
  };
}

function option(prefix, each, index) {
  const item = document.createElement("li");
  item.role = "option";
  item.id = `${prefix}-${index}`;
  item.dataset.insert = each.insert;
  const name = document.createElement("strong");
  name.textContent = each.label;
  const hint = document.createElement("span");
  hint.textContent = each.hint;
  hint.dir = "auto";
  item.append(name, hint);
  return item;
}
