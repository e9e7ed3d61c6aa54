# العربية. ما ينقص هنا يظهر بالإنجليزية.

app-name = ZeChat

opening = جارٍ فتح رسائلك…
engine-silent-title = ‏ZeChat لا يستجيب
try-again = حاول مرة أخرى
reload = أعد التحميل
welcome-title = تحدّث بحرية.
welcome-lead = رسائل خاصة بينك وبين من تحب. بلا رقم هاتف، بلا كلمة مرور، بلا شركة في الوسط: اختر اسمًا وابدأ.
welcome-invited-title = شخص ما يريد التحدث معك
welcome-invited-lead = اختر اسمًا ويمكنك الكتابة إليه فورًا. بلا هاتف ولا بريد ولا تثبيت.
welcome-invited = تمت دعوتك إلى محادثة
welcome-name = اسمك
welcome-name-hint = يراه من تكتب إليهم. يمكنك تغييره متى شئت.
welcome-name-needed = اكتب اسمًا لا يزيد على 64 حرفًا.
welcome-create = ابدأ
welcome-advanced = استخدم عقدة أخرى
welcome-node = عنوان عقدتك
welcome-point-keys = مفاتيحك لا تغادر هذا المتصفح أبدًا
welcome-point-nodes = يعمل عبر العقد، وانتقل متى شئت
welcome-point-lost = لا شيء يضيع بصمت
creating-title = يجري إنشاء هويتك
creating-lead = تُنشأ هنا في هذا المتصفح. يستغرق ذلك ثوانيَ قليلة، مرة واحدة.

contact-new = جهة اتصال جديدة · { $node }
me = أنت
conversations = المحادثات
conversations-empty-title = الهدوء هنا
conversations-empty = أرسل رابطك إلى أحد أو افتح رابطه، ثم يمكنكما التحدث.
new-contact = جهة اتصال جديدة
settings = الإعدادات
requests = الطلبات
requests-count =
    { $count ->
        [zero] لا طلبات
        [one] طلب واحد
        [two] طلبان
        [few] { $count } طلبات
       *[other] { $count } طلبًا
    }
unread =
    { $count ->
        [zero] لا رسائل غير مقروءة
        [one] رسالة غير مقروءة
        [two] رسالتان غير مقروءتين
        [few] { $count } رسائل غير مقروءة
       *[other] { $count } رسالة غير مقروءة
    }
preview-draft = مسودة:
preview-mine = أنت:
preview-blocked = محظور
preview-gap = رسائل ناقصة
preview-newer = رسالة لإصدار أحدث
preview-cannot-open = رسالة لا يمكن فتحها
preview-connected = يمكنكما التحدث الآن
preview-broken = هناك خطب ما هنا
preview-nothing = لم يُكتب شيء بعد
preview-deleted = رسالة محذوفة
preview-expired = رسالة اختفت
detail-first-title = ابدأ محادثتك الأولى
detail-first = أعطِ رابطك لأحد أو افتح رابطه.
detail-empty-title = اختر محادثة
detail-empty = أو ابدأ محادثة جديدة: أعطِ رابطك لأحد.
link-title = رابطك
link-lead = من يفتحه يمكنه أن يطلب الكتابة إليك. لا يحوي اسمًا ولا سرًا.
copy = نسخ
copied = نُسخ
share = مشاركة
paste-title = هل أعطاك أحد رابطًا؟
paste-label = رابطه
paste-open = فتح
preview-title = ألقِ التحية
first-message = رسالتك الأولى
first-message-send = إرسال الطلب
asked-notice = بانتظار القبول. ما تكتبه الآن يُسلَّم حالما يقبل.
home = إلى محادثاتك
requests-title = الطلبات
requests-empty-title = لا طلبات
request-says = يسمّي نفسه
request-accept = قبول
request-refuse = رفض
request-block = حظر

back = رجوع
messages-with = الرسائل مع { $name }
message-from = { $name }، { $time }: { $text }
loading-messages = جارٍ تحميل الرسائل…
loading-older = جارٍ تحميل رسائل أقدم…
loading-newer = جارٍ تحميل رسائل أحدث…
messages-empty = لا رسائل بعد. ألقِ التحية!
beginning = هنا بدأت محادثتكما.
day-today = اليوم
day-yesterday = أمس
unread-here = رسائل جديدة
jump-latest = إلى أحدث رسالة
state-accepted = مشفّر من الطرف إلى الطرف
state-asked = لم يُقبل بعد
state-asking = يريد التحدث معك
state-blocked = محظور
is-typing = يكتب…
verify = رقم الأمان
verified = تم التحقق
verified-no-more = قورن من قبل، لكن المفاتيح جديدة
conversation-menu = المزيد
block = حظر
block-title = حظر { $name }؟
block-explained = لن يستطيع الكتابة إليك بعد الآن، وما يرسله يُهمل. لا يُخبَر بذلك. يمكنك رفع الحظر لاحقًا.
block-really = حظر
unblock = رفع الحظر
cancel = إلغاء
close = إغلاق
delivery-waiting = في الانتظار: لم تصل إلى عقدتك بعد
delivery-waiting-for-acceptance = بانتظار القبول
delivery-sent = أُرسلت: هي لدى عقدتك
delivery-on-their-node = على عقدته
delivery-delivered = سُلّمت
delivery-read = قُرئت
delivery-failed = لم تُسلَّم
delivery-failed-why = لم تُسلَّم. { $reason }
retry = حاول مرة أخرى
entry-gap =
    { $missing ->
        [one] تنقص هنا رسالة واحدة. قد تصل لاحقًا.
        [two] تنقص هنا رسالتان. قد تصلان لاحقًا.
        [few] تنقص هنا { $missing } رسائل. قد تصل لاحقًا.
       *[other] تنقص هنا { $missing } رسالة. قد تصل لاحقًا.
    }
entry-connected = أنتما متصلان. أنتما وحدكما تقرآن ما تكتبانه هنا.
entry-edited = معدّلة
entry-disappears = تختفي
entry-deleted-by-them = حذف المرسل هذه الرسالة.
entry-deleted-there = حذفتَ هذه الرسالة، وحذفها جهازه أيضًا.
entry-deleted-asked = حذفتَ هذه الرسالة. لم يؤكد جهازه بعد أنه حذفها.
entry-deleted-failed = حذفتَ هذه الرسالة هنا. تعذّر تبليغ الرغبة: ما زالت لديه.
entry-expired = كانت هنا رسالة مؤقتة. انتهى وقتها قبل أن تصل.
entry-timer = الرسائل الجديدة تختفي بعد إرسالها بـ{ $time }.
entry-timer-off = الرسائل الجديدة تبقى.
lifetime =
    { $unit ->
        [week] { $count ->
            [one] أسبوع
            [two] أسبوعين
            [few] { $count } أسابيع
           *[other] { $count } أسبوعًا
        }
        [day] { $count ->
            [one] يوم
            [two] يومين
            [few] { $count } أيام
           *[other] { $count } يومًا
        }
        [hour] { $count ->
            [one] ساعة
            [two] ساعتين
            [few] { $count } ساعات
           *[other] { $count } ساعة
        }
        [minute] { $count ->
            [one] دقيقة
            [two] دقيقتين
            [few] { $count } دقائق
           *[other] { $count } دقيقة
        }
       *[second] { $count ->
            [one] ثانية
            [two] ثانيتين
            [few] { $count } ثوانٍ
           *[other] { $count } ثانية
        }
    }
composer-label = رسالة إلى { $name }
composer-placeholder = اكتب رسالة
composer-send = إرسال
message-options = خيارات الرسالة
message-react = تفاعل
message-reply = رد
message-copy = نسخ النص
message-edit = تعديل
message-info = التفاصيل
message-delete = حذف
emoji-choose = اختر رمزًا
emoji-more = رموز أخرى
quote-gone = رسالة لم تعد هنا
replying = ردًّا على
editing = تعديل رسالتك
edit-save = حفظ التعديل
delete-title = حذف هذه الرسالة؟
delete-explained = للطرفين: يُطلب من جهازه حذفها أيضًا، وترى إن فعل. لا يستعيد ما قُرئ أو نُسخ.
delete-here-explained = تُحذف من هذا المتصفح. يحتفظ بها الطرف الآخر.
delete-here = حذف هنا
delete-both = حذف للطرفين
info-title = التفاصيل
info-sent = كُتبت
info-stored = وصلت إلى هنا
timer-title = رسائل مؤقتة
timer-explained = تُحذف رسائلكما الجديدة لدى الطرفين بعد هذه المدة من إرسالها. يُبلَّغ الطرف الآخر. ما هو هنا الآن يبقى.
timer-off = إيقاف
pin = تثبيت
unpin = إلغاء التثبيت
pinned = مثبّتة
mute = كتم
mute-hours = كتم 8 ساعات
unmute = إلغاء الكتم
muted = مكتومة
archive = أرشفة
unarchive = إخراج من الأرشيف
filter-all = الكل
filter-unread = غير مقروءة
filter-archived = الأرشيف ({ $count })
filter-none = لا شيء هنا.
search-label = ابحث في الرسائل
search-none = لم يُعثر على شيء.
search-where = البحث في رسائل هذا المتصفح، ولا يُسأل أحد.
safety-title = رقم الأمان
safety-lead = قارن هذه الأرقام مع { $name } صوتًا أو وجهًا لوجه. إن رأيتما الأرقام نفسها فلا أحد بينكما.
safety-same = متطابقة
safety-scan = اقرأ رمزه
safety-verified = قارنتَه: هذا من تظن. ويبقى كذلك إن انتقل إلى عقدة أخرى.

connection-connecting = جارٍ الاتصال…
connection-online = متصل
connection-idle = غير متصل
connection-offline-short = غير متصل
connection-try-now = حاول الآن

settings-profile = الملف الشخصي
settings-name = اسمك
settings-name-save = حفظ
settings-name-saved = حُفظ
settings-privacy = الخصوصية
settings-receipts = إرسال إشعارات الوصول
settings-typing = إظهار أنك تكتب
settings-notify = الإشعارات
notify-off = بلا
notify-quiet = أن هناك رسالة
notify-name = من كتب
notify-text = من كتب، والرسالة
notice-message = رسالة جديدة
settings-appearance = المظهر
appearance-system = النظام
appearance-light = فاتح
appearance-dark = داكن
settings-look = النص والتباين
text-size = حجم النص
text-size-small = صغير
text-size-normal = عادي
text-size-large = كبير
text-size-largest = كبير جدًا
contrast = تباين أعلى
settings-language = اللغة
language-browser = لغة المتصفح
settings-storage = التخزين
settings-identity = الهوية والعقدة
settings-about = حول
settings-version = الإصدار
settings-licence = الترخيص
settings-danger = منطقة الخطر
danger-delete = حذف كل شيء هنا
keys-title = المفاتيح
error-silent = استغرق ZeChat وقتًا طويلًا. لم يضع شيء؛ حاول مرة أخرى.
error-bad-link = هذا ليس رابط اتصال، أو ضاع حرف منه. انسخه كاملًا مرة أخرى.

# --- القفل ----------------------------------------------------------------------------------------

lock-open = القفل
lock-title = القفل
lock-what = ما الذي يفعله القفل
lock-is-set = القفل مُفعَّل.
lock-is-not-set = لا يوجد قفل: من يفتح هذا المتصفح يستطيع قراءة كل شيء.
lock-lead = تُحفظ مفاتيحك ورسائلك مشفَّرة بعبارة المرور. وما دام القفل مغلقًا فلا أحد يستطيع قراءتها ولا يصل شيء؛ تنتظر الرسائل على عقدتك.
lock-now = اقفل الآن
lock-auto = القفل تلقائيًا عندما لا يكون أحد هنا
lock-auto-never = أبدًا
lock-auto-hint = ويُقفل أيضًا عند إغلاق آخر لسان من ZeChat أو إعادة تحميله.
lock-set-title = تفعيل القفل
lock-set-lead = اختر عبارة مرور من عدة كلمات. لا تُحفظ في أي مكان ولا يستطيع أحد إعادة تعيينها: من ينساها يستعيد هويته بعبارة الاسترداد.
lock-new = عبارة مرور جديدة
lock-new-hint = ٨ أحرف على الأقل؛ أربع كلمات عشوائية تكفي.
lock-again = العبارة نفسها مرة أخرى
lock-differ = العبارتان غير متطابقتين.
lock-set = فعِّل القفل
lock-setting = يجري تشفير المحفوظ…
lock-current = عبارة المرور الحالية
lock-change-title = تغيير عبارة المرور
lock-change = غيِّرها
lock-changed = تغيَّرت عبارة المرور.
lock-remove-title = إزالة القفل
lock-remove-lead = بعد ذلك يستطيع كل من يفتح هذا المتصفح قراءة كل شيء.
lock-remove = أزل القفل
lock-passkeys = مفاتيح المرور
lock-passkeys-lead = بصمة أو وجه أو مفتاح أمان بدل الكتابة. وعبارة المرور تعمل دائمًا أيضًا.
lock-passkeys-count =
    { $count ->
        [0] لا يفتح هذا القفل أي مفتاح مرور.
        [one] مفتاح مرور واحد يفتح هذا القفل.
        [two] مفتاحا مرور يفتحان هذا القفل.
        [few] { $count } مفاتيح مرور تفتح هذا القفل.
        [many] { $count } مفتاح مرور تفتح هذا القفل.
       *[other] { $count } مفتاح مرور تفتح هذا القفل.
    }
lock-passkey-add = أضف مفتاح مرور
lock-passkeys-remove = أزل كل مفاتيح المرور
lock-closed = ‏ZeChat مقفل
lock-passphrase = عبارة المرور
lock-unlock = افتح القفل
lock-opening = يجري التحقق…
lock-with-passkey = استخدم مفتاح مرور
lock-forgotten = نسيت عبارة المرور؟
lock-forgotten-what = لا أحد يستطيع فتح هذا القفل من دونها. احذف المحفوظ هنا واستعد هويتك بعبارة الاسترداد: يعود معها كل ما حُفظ على عقدتك.
lock-forgotten-sure = لديّ عبارة الاسترداد، أو لا أحتاج إلى شيء مما هنا.
lock-forgotten-delete = احذف وابدأ من جديد
lock-wrong = هذه ليست عبارة المرور. انتبه إلى الأحرف الكبيرة والصغيرة.
lock-wrong-passkey = مفتاح المرور هذا لا يفتح القفل. استخدم عبارة المرور.
lock-too-short = اختر { $count } أحرف على الأقل.
lock-wrong-state = تغيَّر القفل في لسان آخر. انظر من جديد ثم كرِّر.
passkey-missing = ليس في هذا المتصفح مفاتيح مرور لهذه الصفحة. عبارة المرور تعمل.
passkey-refused = لم يُستخدم مفتاح المرور: أُلغي أو طال الوقت.
passkey-no-function = هذا المفتاح أو المتصفح لا يستطيع فتح الأقفال (تنقصه إضافة PRF). عبارة المرور تعمل.
passkey-failed = لم يعمل مفتاح المرور: { $detail }
reminder-lock = احمِ ما في هذا المتصفح بقفل.
reminder-lock-do = فعِّل القفل

# --- عدة هويات ------------------------------------------------------------------------------------

identities = الهويات في هذا المتصفح
identities-hint = لكل واحدة مفاتيحها ورسائلها وقفلها، ولا تعرف إحداها شيئًا عن الأخرى. وتبقى الألسنة الأخرى مع هويتها.
identity-here = هذه
identity-new = هوية أخرى
evicted-title = أزال هذا المتصفح { $name }
evicted-what = اختفت المفاتيح والرسائل من هذا المتصفح: نفدت المساحة، أو حُذفت بياناته، أو لم تُفتح الصفحة منذ وقت طويل. هويتك نفسها بخير.
evicted-way = استعدها بعبارة الاسترداد أو بملف نسخة احتياطية. والرسائل التي لم تُجلب تنتظر على عقدتك.
evicted-restore = استعدها
evicted-forget = لا أحتاج إليها
evicted-install = تحتفظ المتصفحات ببيانات الصفحات المثبَّتة مدة أطول: أضف ZeChat إلى الشاشة الرئيسية.
other-program = إصدار أحدث من ZeChat جاهز. مسوداتك باقية.
other-program-switch = انتقل إليه
