"""Texts that speak to a model instead of to people. What they are part of is shown to nobody in a model's words.

A list of phrases finds only what is said plainly; it is one fence of several. The one that holds is in
``bot.ai.grounding``: nothing is shown that the passages do not say.
"""

from __future__ import annotations

import re

from models.search.analysis import normalise

_ENGLISH = r"""
(?:ignore|disregard|forget|override|bypass)\W+(?:\w+\W+){0,4}(?:instructions?|prompts?|rules|guidelines
    |directions|context|above)
(?:new|updated|hidden|secret|real|following)\W+(?:system\W+)?(?:instructions?|prompt)\b
(?:system|developer)\W+(?:prompt|message|mode|instructions?|override|note)\b
(?:you are|act as|pretend (?:to be|you are)|you're)\W+(?:now\W+)?(?:an?|the|in)?\W*(?:dan\b|ai\b|assistant
    |language model|chatbot|unrestricted|jailbroken|developer mode|evil)
(?:note|notice|message|instructions?|attention)\W+(?:to|for)\W+(?:the\W+|all\W+|any\W+|every\W+)?(?:ai\b
    |llms?\b|language models?|assistants?\b|chatbots?|bots?\b|models?\b)
(?:dear|hey|hello|attention)\W+(?:ai\b|llm|language model|assistant|chatbot|gpt|model)
(?:when|if)\W+(?:you|the (?:ai|assistant|model|bot|chatbot))\W+(?:\w+\W+){0,3}(?:summari[sz]e|answer|read
    |process|quote)\w*\W+(?:\w+\W+){0,6}(?:say|tell|reply|respond|answer|include|add|append|write|output)
(?:tell|inform|convince|instruct|order)\W+(?:the\W+)?(?:users?|readers?|askers?|everybody|everyone|employees?
    |them)\W+(?:that|to)\b
(?:reply|respond|answer)\W+(?:only|exactly|always|instead|solely)?\W*with\W+(?:the\W+)?(?:word|words|phrase
    |sentence|text|following|only|exactly)
(?:print|repeat|reveal|output|show|leak|disclose|quote|recite)\W+(?:\w+\W+){0,4}(?:system prompt
    |instructions?|prompt|hidden|passages?|sources? verbatim|everything above|conversation)
(?:include|insert|append|add|embed|render)\W+(?:\w+\W+){0,5}(?:markdown|image tag|tracking|pixel|link to http)
\b(?:im_start|im_end|endoftext|inst|sys|human|assistant)\b\W*(?:\||>|\]|:)
as an? (?:ai|large) (?:language )?model
(?:to|for)\W+(?:the|any|every|all)\W+(?:ai|llms?|(?:language )?models?|assistants?)\s?[:,]
"""
_ITALIAN = r"""
(?:ignora|ignorare|dimentica|trascura|scavalca)\w*\W+(?:\w+\W+){0,4}(?:istruzion|regole|indicazion|prompt
    |contesto|sopra)
(?:nuove|vere|segrete|seguenti)\W+istruzioni
(?:prompt|messaggio|istruzioni)\W+(?:di|del)\W+sistema
(?:sei|fingi di essere|comportati come)\W+(?:ora\W+|adesso\W+)?(?:un|una|il|dan)\b\W*(?:ia\b|ai\b|assistente
    |modello|chatbot|dan\b)?\W*senza
(?:nota|messaggio|istruzioni|attenzione|avviso)\W+(?:per|a|all|al|alla)\W+(?:l\W+|il\W+)?(?:ia\b|ai\b
    |intelligenza artificiale|assistente|modello|chatbot|bot\b)
(?:di|comunica|riferisci)\W+(?:all|al|agli|a)\W+(?:utent|lettor|dipendent|tutti|chi)\w*\W+(?:che|di)\b
(?:rispondi|scrivi)\W+(?:solo|soltanto|sempre|esattamente|invece)\W+(?:con\b|che\b)?
(?:stampa|ripeti|rivela|mostra|svela)\W+(?:\w+\W+){0,4}(?:prompt|istruzioni|passaggi|conversazione)
(?:inserisci|includi|aggiungi)\W+(?:\w+\W+){0,5}(?:immagine markdown|markdown|pixel|tag immagine)
"""
_HEBREW = r"""
(?:התעלמ|התעלמי|להתעלמ|שכח|שכחי|עקופ)\w*\W+(?:\w+\W+){0,4}\w*(?:הוראות|הנחיות|כללימ|הקשר)
(?:הוראות|הנחיות)\W+(?:חדשות|סודיות|נסתרות|אמיתיות)
(?:הנחיית|הוראות|הודעת|פרומפט)\W+ה?מערכת
(?:אתה|את)\W+(?:עכשיו|כעת)\W+\w+
(?:הודעה|הערה|הוראות|הוראה|לתשומת לב)\W+(?:ל\w+\W+)?(?:לבינה|לעוזר|למודל|לצאט|לבוט|הבינה|העוזר|המודל|הבוט)
(?:אמור|תגיד|תגידי|ספר|הודע)\W+(?:ל\w+\W+)(?:ש|כי|ל)\w*
(?:השב|ענה|תענה|כתוב)\W+(?:רק|תמיד|בדיוק|במקומ)\b
(?:הדפס|חזור על|חשופ|גלה|הצג)\W+(?:\w+\W+){0,4}\w*(?:הוראות|הנחיות|פרומפט|הקטעימ|השיחה)
(?:הוספ|הכנס|צרפ)\W+(?:\w+\W+){0,5}(?:מרקדאונ|markdown|תמונה מ)
"""
_ARABIC = r"""
(?:تجاهل|تجاهلي|انس|تخط|اهمل)\w*\W+(?:\w+\W+){0,4}\w*(?:تعليمات|التعليمات|القواعد|الارشادات|السياق|سبق)
(?:تعليمات|التعليمات)\W+(?:جديده|الجديده|سريه|السريه|الحقيقيه|خفيه)
(?:موجه|رساله|تعليمات|اوامر)\W+النظام
(?:انت|انك)\W+(?:الان|الآن)\W+\w+
(?:ملاحظه|رساله|تعليمات|تنبيه)\W+(?:الي\W+|ل)\w*\W*(?:الذكاء|لذكاء|المساعد|لمساعد|النموذج|لنموذج|الروبوت|لروبوت)
(?:اخبر|قل|ابلغ)\W+(?:ل)?(?:ال|لل)?(?:مستخدم|قاري|موظف|جميع)\w*\W+(?:ان|بان|انه)
(?:اجب|رد|اكتب)\W+(?:فقط|دائما|بالضبط|بدلا)\b
(?:اطبع|كرر|اكشف|اعرض|افصح)\W+(?:\w+\W+){0,4}\w*(?:التعليمات|تعليمات|موجه|المقاطع|المحادثه)
(?:ادرج|اضف|ضع)\W+(?:\w+\W+){0,5}(?:ماركداون|markdown|صوره من)
"""
_LINES = re.sub(r"\n +", "", _ENGLISH + _ITALIAN + _HEBREW + _ARABIC).split("\n")  # one that is indented goes on
# A run without an upper bound beside another, or begun anywhere, takes quadratic time; long ones are shortened first.
_BOUNDS = {"+": "{1,%d}", "*": "{0,%d}"}
_LONGEST = {r"\W": 9, r"\w": 30}
_LONG = re.compile(r"(\W{9})\W+|(\w{15})\w+(\w{15})")


def _bounded(line: str) -> str:
    return re.sub(r"(\\[Ww])([+*])", lambda run: run[1] + _BOUNDS[run[2]] % _LONGEST[run[1]], line)


_SAID = re.compile("|".join(f"(?:{_bounded(line)})" for line in _LINES if line))
_MOST = 12_000  # characters looked at: more than any model is sent of a passage


def speaks_to_models(text: str) -> bool:
    """Whether ``text`` gives instructions to whatever model reads it."""
    said = _LONG.sub(r"\1\2\3", " ".join(normalise(text[:_MOST]).split()))
    return _SAID.search(said) is not None
