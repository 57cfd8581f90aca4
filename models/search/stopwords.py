"""Words that say nothing about the subject, in their normalised form, for the four languages together.

A word that says something in one of the other languages is left out of the list.
"""

_EN = """
a an the and or but if then else of to in on at by for from with without into onto over under about
as is are was were be been being am do does did doing done have has had having i me my mine we us
our you your yours he him his she her it its they them their this that these those there here what
which who whom whose when where why how can could will would shall should may might must not no yes
please thanks thank hi hello hey any some all also just so than too very get got i'm i've don't
doesn't can't it's what's where's how's there's need want know tell anyone anybody someone somebody
if out up s t m re ve ll d
"""
_IT = """
il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle al allo
alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla
sui sugli sulle e ed o ma se che chi cui non si no come dove quando perche perché quanto quanti
quale quali cosa sono sei è siamo siete ho hai ha abbiamo avete hanno mi ti ci vi io tu lui lei noi
voi loro mio mia miei mie tuo tua suo sua nostro nostra questo questa questi queste quello quella
posso puoi puo può possiamo devo devi deve dobbiamo fare faccio fa c'è ce grazie ciao salve per
favore piu più anche gia già qualcuno sa sapete vorrei voglio serve bisogna c l d dell all nell sull
un quest cos dov
"""
_AR = """
في من الي علي عن مع هل ما ماذا متي اين كيف لماذا كم اي هذا هذه ذلك تلك هو هي هم نحن انا انت انتم كان
كانت يكون تكون و او ثم لا لم لن ليس ليست قد لقد ان انه انها الذي التي الذين كل بعض غير بين عند عندي
لدي لدينا لي لنا يمكن يمكنني استطيع اريد يجب ارجو شكرا مرحبا احد شخص اذا حتي بعد قبل فقط ايضا هناك
هنا وما وهل وكيف فيه فيها منه منها
"""
_HE = """
של את על עמ אל מנ אנ אמ או גמ כי לא כנ יש אינ זה זו זאת אלה הוא היא המ הנ אני אתה אתמ אנחנו מה מי
איפה היכנ מתי למה מדוע איכ כמה איזה אילו האמ כל רק עוד כבר היה היתה הייתה להיות אפשר צריכ צריכה
צריכימ רוצה יכול יכולה בבקשה תודה שלומ היי מישהו משהו לי לנו לו לה להמ שלי שלנו שלכ כדי אז אבל אחרי
לפני בינ עד פה שמ
"""

STOPWORDS: frozenset[str] = frozenset(" ".join((_EN, _IT, _AR, _HE)).split())
