# العربية.

app-name = ZeChat

# --- البدء ------------------------------------------------------------------------------------------

opening = جارٍ فتح رسائلك…
engine-silent-title = ‏ZeChat لا يستجيب
engine-silent = الجزء الذي يحفظ رسائلك لم يبدأ. ربما يمسكه لسان آخر: أغلق ألسنة ZeChat الأخرى ثم حاول مرة أخرى. لم يضع شيء.
engine-broken-title = لا يمكن تشغيل ZeChat هنا
engine-broken = أوقف المتصفح الجزء الذي يحفظ رسائلك. في نافذة خاصة، أو عند منع بيانات المواقع، لا يمكن حفظ شيء.
engine-broken-detail = يقول المتصفح: { $detail }
engine-full-title = لم تبق مساحة
engine-full = لا مساحة على هذا الجهاز لما يحفظه ‏ZeChat. أفسح بعضها ثم أعد تحميل الصفحة. لم يضع شيء.
engine-newer-title = هذه الصفحة أقدم من اللازم
engine-newer = إصدار أحدث من ‏ZeChat يحفظ رسائلك هنا. أغلق ألسنة ‏ZeChat الأخرى كلها ثم أعد تحميل الصفحة للحصول عليه. لم يضع شيء.
engine-damaged-title = لا يمكن قراءة المحفوظ هنا
engine-damaged = فقد المتصفح جزءا منه أو غيّره شيء ما. هويتك سليمة.
engine-damaged-way = إن لم ينفع إعادة تحميل الصفحة فاحذف المحفوظ هنا واستعد هويتك بعبارة الاسترداد أو بملف نسخة احتياطية. الرسائل التي لم تُجلب تنتظر على عقدتك.
try-again = حاول مرة أخرى
reload = أعد التحميل
missing-storage = ليس في هذا المتصفح، أو في وضعه الحالي، تخزين للمواقع (IndexedDB). يحفظ ZeChat مفاتيحك ورسائلك هناك ولا يعمل من دونه. جرّب نافذة عادية بدل الخاصة.
missing-locks = هذا المتصفح أقدم من أن يشغّل ZeChat: تنقصه Web Locks. جرّب إصدارًا حديثًا من Firefox أو Chrome أو Edge أو Safari.
missing-channel = هذا المتصفح أقدم من أن يشغّل ZeChat: ينقصه BroadcastChannel. جرّب إصدارًا حديثًا من Firefox أو Chrome أو Edge أو Safari.
missing-secure-context = وصلت هذه الصفحة عبر اتصال غير محمي، وفيه تمنع المتصفحات التشفير. افتحها بـ https.

# --- الترحيب ----------------------------------------------------------------------------------------

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
welcome-node-hint = تحفظ العقدة بريدك حتى تجلبه، ولا تستطيع قراءته. إن لم تكتب عنوانًا هنا فهي { $node }.
welcome-node-placeholder = https://
welcome-node-wrong = هذا ليس عنوان عقدة. يبدأ العنوان بـ ‎https://‎
welcome-elsewhere = هل أنت على ZeChat بعنوان آخر؟
welcome-elsewhere-hint = انسخ هذه الدعوة، وافتح ZeChat لديك، وألصقها في «جهة اتصال جديدة».
welcome-copy-invitation = نسخ الدعوة
welcome-point-keys = تُنشأ مفاتيحك هنا، ولا يستطيع أحد غيرك قراءتها
welcome-point-nodes = يعمل عبر العقد، وانتقل متى شئت
welcome-point-lost = لا شيء يضيع بصمت

creating-title = يجري إنشاء هويتك
creating-lead = تُنشأ هنا في هذا المتصفح. يستغرق ذلك ثوانيَ قليلة، مرة واحدة.
creating-meeting-node = التعرّف إلى عقدتك
creating-signing-key = إنشاء المفتاح الذي يوقّع عنك
creating-sealing-key = إنشاء المفتاح الذي يفتح بريدك
creating-record = كتابة سجلك الأول
creating-registering = التسجيل لدى عقدتك
creating-step-done = تمّ
creating-step-now = جارٍ
creating-step-later = لاحقًا
creating-failed = لم ينجح ذلك

# --- الأشخاص والعقد ---------------------------------------------------------------------------------

contact-new = جهة اتصال جديدة · { $node }
me = أنت

# --- المحادثات --------------------------------------------------------------------------------------

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
unread-many = +99
title-unread = ({ $count }) ZeChat
preview-draft = مسودة:
preview-mine = أنت:
preview-blocked = محظور
preview-gap = رسائل ناقصة
preview-newer = رسالة لإصدار أحدث
preview-cannot-open = رسالة لا يمكن فتحها
preview-connected = يمكنكما التحدث الآن
preview-broken = هناك خطب ما هنا
preview-moved = انتقل إلى عقدة أخرى
preview-key-changed = يستخدم مفاتيح جديدة
preview-forked = تحذير: قد يكون غيره يستخدم مفاتيحه
preview-fork-settled = يمكنك الكتابة من جديد
preview-deleted = رسالة محذوفة
preview-expired = رسالة اختفت
preview-nothing = لم يُكتب شيء بعد
detail-first-title = ابدأ محادثتك الأولى
detail-first = أعطِ رابطك لأحد أو افتح رابطه.
detail-empty-title = اختر محادثة
detail-empty = أو ابدأ محادثة جديدة: أعطِ رابطك لأحد.

# --- الرابط -----------------------------------------------------------------------------------------

link-title = رابطك
link-lead = من يفتحه يمكنه أن يطلب الكتابة إليك. لا يحوي اسمًا ولا سرًا.
link-qr = رمز QR لرابط الاتصال الخاص بك
links-title = روابط لشخص واحد
links-lead = رابط لشخص تقصده: حين يطلب الكتابة إليك ترى من أي رابط جاء. يعمل مرة واحدة، ويمكنك أن تلغيه.
links-label = لمن هو (اختياري)
links-label-hint = لا يراه غيرك.
links-many = يعمل لكل من يملكه، إلى أن ألغيه
links-make = إنشاء رابط
links-list = الروابط المفتوحة
links-unnamed = بلا اسم
links-once = يعمل مرة واحدة
links-until-revoked = يعمل إلى أن تلغيه
links-made = أُنشئ: { $time }
links-show = إظهار الرمز
links-qr = رمز QR للرابط: { $name }
links-revoke = إلغاء الرابط
links-revoke-title = هل تلغي الرابط «{ $name }»؟
links-revoke-explained = من يفتحه من الآن يطلب كأي شخص آخر. ومن جاء منه من قبل يبقى.
copy = نسخ
copied = نُسخ
copy-failed = لم يسمح المتصفح بذلك. حدّد النص وانسخه بنفسك.
share = مشاركة
share-text = راسلني على ZeChat
paste-title = هل أعطاك أحد رابطًا أو رمزًا؟
paste-label = رابطه
paste-placeholder = https://…/i#…
paste-open = فتح
paste-looking = جارٍ البحث…

# --- المعاينة والرسالة الأولى -----------------------------------------------------------------------

preview-title = ألقِ التحية
preview-lead = سيرى اسمك وهذه الرسالة، ثم يقرر هل يرد. ويأتي اسمه هو مع رده.
preview-node = العقدة
preview-fingerprint = البصمة
first-message = رسالتك الأولى
first-message-placeholder = مرحبًا، أنا { $name }!
first-message-send = إرسال الطلب
asked-notice = بانتظار القبول. ما تكتبه الآن يُسلَّم حالما يقبل.
invite-opening = جارٍ البحث عمّن دعاك…
invite-failed = تعذّر فتح الدعوة
home = إلى محادثاتك
gone-title = هذه المحادثة ليست هنا
gone = ربما أُزيلت، أو هي من متصفح آخر.

# --- الطلبات ----------------------------------------------------------------------------------------

requests-title = الطلبات
requests-lead = أشخاص لا تعرفهم بعد. لا يعلمون شيئًا حتى تقبل: لا أنك قرأت هذا، ولا أنك هنا.
requests-empty-title = لا طلبات
requests-empty = عندما يفتح أحد رابطك ويكتب إليك، تقرر هنا.
request-says = يسمّي نفسه
request-unnamed = شخص بلا اسم
request-accept = قبول
request-refuse = رفض
request-block = حظر
request-arrived = وصل { $time }
request-by-link = من الرابط الذي أنشأته لـ«{ $name }»
request-by-unnamed-link = من رابط أنشأته أنت
request-note = الأسماء هي ما يقوله الناس عن أنفسهم. قارن رقم الأمان لاحقًا لتتأكد.

# --- المحادثة ---------------------------------------------------------------------------------------

back = رجوع
messages-with = الرسائل مع { $name }
loading-newer = جارٍ تحميل رسائل أحدث…
is-typing = يكتب…
message-options = خيارات الرسالة
message-react = تفاعل
message-reply = رد
message-copy = نسخ النص
message-edit = تعديل
message-info = التفاصيل
message-delete = حذف
emoji-choose = اختر رمزًا
emoji-more = رموز أخرى
sign-mine = أنت: { $sign }. تراجع عنه
sign-theirs = { $name }: { $sign }
quote-gone = رسالة لم تعد هنا
quote-jump = إلى الرسالة المردود عليها
replying = ردًّا على
editing = تعديل رسالتك
edit-save = حفظ التعديل
entry-edited = معدّلة
entry-disappears = تختفي
delete-title = حذف هذه الرسالة؟
delete-explained = للطرفين: يُطلب من جهازه حذفها أيضًا، وترى إن فعل. لا يستعيد ما قُرئ أو نُسخ.
delete-here-explained = تُحذف من هذا المتصفح. يحتفظ بها الطرف الآخر.
delete-here = حذف هنا
delete-both = حذف للطرفين
info-title = التفاصيل
info-loading = جارٍ البحث…
info-sent = كُتبت
info-stored = وصلت إلى هنا
info-expires = تختفي
info-versions = النصوص السابقة
info-until = حتى { $time }
timer-title = رسائل مؤقتة
timer-explained = تُحذف رسائلكما الجديدة لدى الطرفين بعد هذه المدة من إرسالها. يُبلَّغ الطرف الآخر. ما هو هنا الآن يبقى.
timer-off = إيقاف
pin = تثبيت
unpin = إلغاء التثبيت
pinned = مثبّتة
mute = كتم
mute-hours = كتم 8 ساعات
tell = أخبره بأني أقرأ وأكتب
tell-nothing = لا تخبره بالقراءة والكتابة
unmute = إلغاء الكتم
muted = مكتومة
archive = أرشفة
unarchive = إخراج من الأرشيف
filters = أي محادثات
filter-all = الكل
filter-unread = غير مقروءة
filter-unanswered = بلا رد
filter-archived = الأرشيف ({ $count })
filter-none = لا شيء هنا.
search-label = ابحث في الرسائل
search-clear = امسح البحث
search-none = لم يُعثر على شيء.
search-more = هناك المزيد: تُعرض الأحدث.
search-where = البحث في رسائل هذا المتصفح، ولا يُسأل أحد.
search-count =
    { $count ->
        [0] لم يُعثر على شيء.
        [one] عُثر على رسالة واحدة.
        [two] عُثر على رسالتين.
        [few] عُثر على { $count } رسائل.
       *[other] عُثر على { $count } رسالة.
    }
message-from = { $name }، { $time }: { $text }
loading-messages = جارٍ تحميل الرسائل…
loading-older = جارٍ تحميل رسائل أقدم…
older-failed = تعذّر تحميل الرسائل الأقدم.
messages-failed = تعذّر تحميل الرسائل.
messages-empty = لا رسائل بعد. ألقِ التحية!
beginning = هنا بدأت محادثتكما.
day-today = اليوم
day-yesterday = أمس
unread-here = رسائل جديدة
jump-unread = إلى الرسالة غير المقروءة في الأعلى
jump-latest = إلى أحدث رسالة
jump-latest-count =
    { $count ->
        [one] رسالة جديدة في الأسفل
        [two] رسالتان جديدتان في الأسفل
        [few] { $count } رسائل جديدة في الأسفل
       *[other] { $count } رسالة جديدة في الأسفل
    }
state-accepted = مشفّر من الطرف إلى الطرف
state-asked = لم يُقبل بعد
state-asking = يريد التحدث معك
state-blocked = محظور
state-resolved = لم تكتب إليه بعد
verify = رقم الأمان
conversation-menu = المزيد
contact-name = اسم لجهة الاتصال هذه
contact-name-hint = لا يراه غيرك. اتركه فارغًا ليظهر الاسم الذي يسمّي به نفسه.
clear = مسح المحادثة
clear-title = مسح المحادثة مع { $name }؟
clear-explained = تُحذف كل رسائلها من هذا المتصفح. ما ينتظر القبول لا يُرسل، وما هو في الطريق يصل. يحتفظ الطرف الآخر برسائله، وتبقيان على اتصال.
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
entry-newer = تحتاج هذه الرسالة إلى إصدار أحدث من ZeChat. تظهر بعد أن تنتقل هذه الصفحة إليه.
entry-cannot-open = وصلت رسالة لا يمكن فتحها هنا. اطلب إرسالها مرة أخرى.
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
entry-connected = أنتما متصلان. أنتما وحدكما تقرآن ما تكتبانه هنا.
entry-moved = انتقل إلى عقدة أخرى. ليس عليك فعل شيء.
entry-key-changed = يستخدم مفاتيح جديدة من هنا فصاعدًا. إن لم تكن تتوقع ذلك فقارن رقم الأمان معه.
entry-recovered = استعاد هويته بعبارة الاسترداد لأن مفاتيحه ضاعت أو سُرقت. قارن رقم الأمان معه قبل أن تثق بما يلي.
entry-forked = تحذير: قولان له يتناقضان. قد يكون غيره يستخدم مفاتيحه. لا يُرسل إليه شيء حتى يُحسم ذلك؛ اسأله بطريق آخر.
entry-fork-recovered = حسم الأمر بعبارة الاسترداد. يمكنك الكتابة من جديد؛ قارن رقم الأمان أولًا.
entry-fork-decided = اخترتَ المتابعة بالمفاتيح التي كنت تعرفها.
entry-broken = ما يلي يناقض ما أرسله من قبل. ربما زوّره أحد، أو أُعيد جهازه إلى حال سابقة. قارن رقم الأمان قبل أن تثق به.

composer-label = رسالة إلى { $name }
composer-placeholder = اكتب رسالة
composer-send = إرسال
composer-near =
    { $left ->
        [zero] لم يبق أي حرف
        [one] بقي حرف واحد على الأكثر
        [two] بقي حرفان على الأكثر
        [few] بقيت { $left } أحرف على الأكثر
        [many] بقي { $left } حرفًا على الأكثر
       *[other] بقي { $left } حرف على الأكثر
    }
composer-over =
    { $over ->
        [one] أطول بحرف واحد
        [two] أطول بحرفين
        [few] أطول بـ{ $over } أحرف
        [many] أطول بـ{ $over } حرفًا
       *[other] أطول بـ{ $over } حرف
    }
composer-blocked = حظرتَ جهة الاتصال هذه.
composer-asking = طلب أن يكتب إليك.

safety-title = رقم الأمان
safety-lead = قارن هذه الأرقام مع { $name } صوتًا أو وجهًا لوجه. إن رأيتما الأرقام نفسها فلا أحد بينكما.
safety-unverified = إلى أن تقارنه، تعتمد على أن الرابط أو الرسالة الأولى جاءت منه حقًا.
safety-qr = رمز QR لرقم الأمان
safety-same = متطابقة
safety-scan = اقرأ رمزه
safety-verified = قارنتَه: هذا من تظن. ويبقى كذلك إن انتقل إلى عقدة أخرى.
safety-changed = لأحدكما مفاتيح جديدة منذ المقارنة. قارن من جديد قبل أن تثق بما يُكتب.
safety-unverify = لم أعد متأكدًا
verified = تم التحقق
verified-no-more = قورن من قبل، لكن المفاتيح جديدة
scan-camera = استخدم الكاميرا
scan-picture = اختر صورة
scan-looking = ضع الرمز أمام الكاميرا.
scan-no-camera = لا توجد كاميرا، أو لم يُسمح للمتصفح باستخدامها. صورة للرمز تكفي أيضًا.
scan-none = ليس في هذه الصورة رمز يمكن قراءته.
scan-unreadable = هذا الملف ليس صورة يستطيع المتصفح قراءتها.
scan-no-reader = تعذّر تحميل الجزء الذي يقرأ الرموز في ZeChat. حاول مرة أخرى عندما تكون متصلًا.
safety-loading = جارٍ الحساب…

# --- الاتصال ----------------------------------------------------------------------------------------

connection-connecting = جارٍ الاتصال…
connection-online = متصل
connection-idle = غير متصل
connection-offline-short = غير متصل
connection-refused-short = مرفوض
connection-offline =
    { $seconds ->
        [0] غير متصل. تجري المحاولة الآن. ما تكتبه محفوظ ويُرسل لاحقًا.
       *[other] غير متصل. المحاولة التالية بعد { $seconds } ث. ما تكتبه محفوظ ويُرسل لاحقًا.
    }
connection-try-now = حاول الآن
connection-refused = { $problem } ما تكتبه محفوظ.
tombstones =
    { $count ->
        [one] اضطرت عقدتك إلى حذف رسالة لم تُجلب في وقتها (من { $from } إلى { $to }). اطلب من جهات اتصالك إرسالها مرة أخرى.
        [two] اضطرت عقدتك إلى حذف رسالتين لم تُجلبا في وقتهما (من { $from } إلى { $to }). اطلب من جهات اتصالك إرسالهما مرة أخرى.
        [few] اضطرت عقدتك إلى حذف { $count } رسائل لم تُجلب في وقتها (من { $from } إلى { $to }). اطلب من جهات اتصالك إرسالها مرة أخرى.
       *[other] اضطرت عقدتك إلى حذف { $count } رسالة لم تُجلب في وقتها (من { $from } إلى { $to }). اطلب من جهات اتصالك إرسالها مرة أخرى.
    }
dropped-unreadable =
    { $count ->
        [one] تعذّر فتح رسالة ولا يُعرف مرسلها. يمكن لمرسلها إعادة إرسالها.
        [two] تعذّر فتح رسالتين ولا يُعرف مرسلهما. يمكن لمن أرسلهما إعادة إرسالهما.
        [few] تعذّر فتح { $count } رسائل ولا يُعرف مرسلها. يمكن لمن أرسلها إعادة إرسالها.
       *[other] تعذّر فتح { $count } رسالة ولا يُعرف مرسلها. يمكن لمن أرسلها إعادة إرسالها.
    }
dropped-too-many =
    { $count ->
        [one] تُركت رسالة أولى من شخص غريب لأن المنتظر كثير.
        [two] تُركت رسالتان أوليان من غرباء لأن المنتظر كثير.
        [few] تُركت { $count } رسائل أولى من غرباء لأن المنتظر كثير.
       *[other] تُركت { $count } رسالة أولى من غرباء لأن المنتظر كثير.
    }
tombstones-dismiss = فهمت

# --- الإعدادات --------------------------------------------------------------------------------------

settings-profile = الملف الشخصي
settings-name = اسمك
settings-name-hint = تعلم جهات اتصالك بالتغيير فورًا.
settings-name-save = حفظ
settings-name-saved = حُفظ
settings-privacy = الخصوصية
settings-receipts = إرسال إشعارات الوصول
settings-receipts-hint = تخبر جهات اتصالك متى وصلت رسائلهم ومتى قرأتها. الإيقاف يعني أن شيئًا لا يُرسل. ولا يحصل الغرباء عليها أبدًا.
settings-typing = إظهار أنك تكتب
settings-typing-hint = يخبر جهات الاتصال الحاضرة أنك تكتب، ويُظهر متى يكتبون. الإيقاف يعني أن شيئًا لا يُرسل.
settings-asking = من يمكنه أن يطلب الكتابة إليك
settings-asking-any = كل من لديه رابط لي
settings-asking-made = فقط برابط أنشأته لذلك
settings-asking-hint = من يطلب بلا رابط كهذا، أو برابط استُعمل أو أُلغي، لا يظهر لك ولا يعلم بذلك. جهات الاتصال تبقى كما هي.
settings-notify = الإشعارات
notify-off = بلا
notify-quiet = أن هناك رسالة
notify-name = من كتب
notify-text = من كتب، والرسالة
notify-hint = تأتي ما دام ZeChat مفتوحًا في لسان. المحادثات المكتومة والغرباء لا ينبّهون أبدًا.
notify-denied = لا يسمح المتصفح لهذه الصفحة بالتنبيه. يمكن تغيير ذلك في إعداداته لهذا الموقع.
notify-missing = ليس في هذا المتصفح إشعارات للصفحات.
notice-message = رسالة جديدة
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
storage-used = المستخدم في هذا المتصفح
storage-room = المساحة المتبقية
storage-kept = وعد المتصفح ألا يمحوها عندما تضيق المساحة.
storage-not-kept = قد يمحوها المتصفح عندما تضيق المساحة. تثبيت ZeChat أو كثرة استخدامه قد يغيّر ذلك.
amount =
    { $unit ->
        [giga] { $whole }٫{ $rest } غيغابايت
        [mega] { $whole }٫{ $rest } ميغابايت
       *[kilo] { $whole }٫{ $rest } كيلوبايت
    }
settings-danger = منطقة الخطر
danger-explained = يحذف هويتك ومفاتيحك وكل الرسائل من هذا المتصفح. لا تُبلَّغ عقدتك ولا جهات اتصالك.
danger-delete = حذف كل شيء هنا
danger-title = حذف كل شيء في هذا المتصفح؟
danger-consequences = من دون عبارة الاسترداد أو نسخة احتياطية لا يستطيع أحد إعادة شيء منه: لا أنت ولا عقدتك ولا نحن.
danger-sure = لديّ ما أحتاج إليه، أو لا أحتاج إلى شيء منه.
keys-title = المفاتيح
keys-sheet = هذه القائمة
keys-search = بحث
keys-send = إرسال
keys-line = سطر جديد
keys-conversations = إلى محادثة أخرى في القائمة
keys-close = إغلاق نافذة أو ترك تعديل
keys-messages = على رسالة
keys-messages-hint = اضغط مفتاح Tab حتى ينتقل التركيز إلى الرسائل، ثم مفتاح سهم.
keys-move = إلى رسالة أخرى
keys-single = المفاتيح وحدها، من دون Ctrl أو Alt، تعطي أوامر
settings-appearance = المظهر
appearance-system = النظام
appearance-light = فاتح
appearance-dark = داكن
settings-identity = الهوية والعقدة
settings-node = العقدة الأساسية
settings-connection = الاتصال
settings-fingerprint = البصمة
settings-identity-id = معرّف الهوية
settings-about = حول
settings-version = الإصدار
settings-build = البناء
settings-build-unknown = بناء تطويري
settings-licence = الترخيص
settings-licence-text = ‏Apache-2.0 أو MIT. الأيقونات من Lucide، ترخيص ISC.
settings-licences = المكتبات وتراخيصها
settings-keys-note = مفاتيحك ورسائلك في هذا المتصفح، ومشفّرة على عقدك. محو بيانات الموقع يزيل ما هو هنا.

# --- العقد والانتقال --------------------------------------------------------------------------------

nodes = عقدك
nodes-lead = تحفظ العقدة بريدك حتى تجلبه، ولا تستطيع قراءته. يمكنك الانتقال إلى أخرى متى شئت: تأتي جهات اتصالك معك من تلقاء نفسها.
nodes-open = العقد والانتقال
nodes-move = انتقل إلى عقدة أخرى
nodes-add = أضف عقدة ثانية
nodes-add-lead = بعقدتين تصلك الرسائل حتى حين تغيب إحداهما.
nodes-add-do = أضف هذه العقدة
nodes-empty-title = لا عقدة بعد
nodes-empty = هويتك ليست على أي عقدة. لا يمكن أن تصلك الرسائل.
node-joining = قيد التجهيز
node-active = مستخدمة
node-draining = قيد الإفراغ
node-leaving = قيد المغادرة
node-joining-means = يجري تعريفها بك. لا تستخدمها جهات اتصالك بعد.
node-active-means = تترك جهات اتصالك رسائلها هنا.
node-draining-means = تستخدم جهات اتصالك عقدة أخرى الآن. ويُجلب ما بقي هنا.
node-draining-until = تستخدم جهات اتصالك عقدة أخرى الآن. ويُجلب ما يصل إلى هنا بعد. تُزال من تلقاء نفسها في { $day }.
node-leaving-means = يجري إخبارها برحيلك لتدلّ من يأتي متأخرًا. ليس عليك فعل شيء.
node-forget = انسَها
node-priority = الترتيب
node-order = تُجرَّب في المرتبة { $number }
node-drain = أوقف استخدامها
node-keep = استخدمها من جديد
node-remove = أزلها الآن
node-remove-title = إزالة { $node } الآن؟
node-remove-explained = يُتخلى عن الرسائل التي ما زالت هناك ولم تُجلب. افعل ذلك إن زالت العقدة نهائيًا أو لم تعد تثق بها. وإلا فانتظر: تُزال من تلقاء نفسها حين تفرغ.
node-remove-really = أزلها
node-prefer = استخدمها أولًا
node-closing = تُغلق هذه العقدة في { $day }. انتقل قبل ذلك: ما يبقى هناك حينها يضيع.
node-closing-banner = تُغلق عقدتك { $node } في { $day }. انتقل إلى أخرى قبل ذلك.
node-problem = آخر مشكلة: { $problem }
node-called = الاسم
node-address-label = عنوان العقدة، أو دعوة إليها
node-keeps = تحفظ البريد مدة
node-room = المساحة
node-room-is = { $size }، { $count } رسالة
node-vault-room = مساحة النسخة المشفّرة
node-people = أشخاص جدد
node-software = البرنامج
node-open = الجميع
node-invite = بدعوة
node-closed = لا أحد
node-days =
    { $days ->
        [one] يوم واحد
        [two] يومين
        [few] { $days } أيام
       *[other] { $days } يومًا
    }
node-look = اعرضها
node-looking = جارٍ سؤال العقدة…
node-away = لا عقدة في هذا العنوان، أو يتعذّر الوصول إليها الآن.
node-facts-loading = جارٍ السؤال عن حدودها…
node-facts-failed = تعذّر السؤال عن حدودها.
node-listed = هذه العقدة من عقدك أصلًا.
node-takes-nobody = لا تقبل هذه العقدة أحدًا جديدًا. اختر غيرها.
node-needs-invite = لا تقبل هذه العقدة إلا بدعوة. ألصق الدعوة مكان العنوان.
node-keeps-short = تحذف هذه العقدة البريد بعد { $kept }. إن غبت أطول ضاعت رسائل، وتُخبَر بعددها.
size-bytes = { $count } بايت
size-kilobytes = { $count } كيلوبايت
size-megabytes = { $count } ميغابايت

move-title = الانتقال
move-lead = تبقى هويتك وجهات اتصالك ورسائلك كما هي. لا تفعل جهات اتصالك شيئًا، وترى سطرًا هادئًا.
move-to-title = 1. إلى أين؟
move-from-title = 2. من أي عقدة؟
move-from-only = تغادر { $node }.
move-do = انتقل إلى { $node }
move-dead = ربما زالت العقدة القديمة: الانتقال ينجح على كل حال.
move-step-join = العقدة الجديدة تتعرف إليك
move-step-empty = تستخدم جهات اتصالك العقدة الجديدة، وتُفرَّغ القديمة
move-step-leave = غودرت العقدة القديمة
move-under-way-title = أنت تنتقل
move-under-way-from-to = من { $from } إلى { $to }
move-under-way-to = إلى { $to }
move-under-way-from = بعيدًا عن { $from }
move-join-now = يستغرق ذلك ثوانيَ قليلة. وفي أثنائها ما زالت الرسائل تصل إلى العقدة القديمة.
move-join-silent = لا تجيب العقدة الجديدة الآن. تُعاد المحاولة من تلقاء نفسها؛ ولم يتغير شيء لجهات اتصالك.
move-empty-now = انتقلتَ. حتى { $day } قد تصل رسائل إلى العقدة القديمة؛ وتُجلب كلما كان ZeChat مفتوحًا. لا يلزمك البقاء في هذه الصفحة.
move-empty-now-open = انتقلتَ. قد تصل رسائل إلى العقدة القديمة؛ وتُجلب كلما كان ZeChat مفتوحًا. لا يلزمك البقاء في هذه الصفحة.
move-refused = لم تنتقل، ولم يتغير شيء لجهات اتصالك.
move-silent = ‏{ $node } لا تجيب. إن كانت قد زالت فلا يلزمك انتظارها.
move-waits-title = العقدة القديمة
move-waits = تُفرَّغ وتُزال من تلقاء نفسها. ليس عليك فعل شيء.
move-page = هذه الصفحة نفسها تأتي من { $node }، ويحفظ متصفحك رسائلك تحت عنوانها. حين تزول تلك العقدة افتح ZeChat من عقدتك الجديدة واستعد هناك. أعدّ عبارة الاسترداد.
move-stop = ابقَ على العقدة القديمة
move-done-title = انتقلتَ
move-done = ‏{ $node } هي عقدتك الآن. وكل ما عدا ذلك كما كان.
move-again = انتقل مرة أخرى

# --- الاسترداد --------------------------------------------------------------------------------------

recovery = الاسترداد
recovery-open = عبارة الاسترداد والنسخة
recovery-lead = مفاتيحك ورسائلك في هذا المتصفح، ومشفّرة على عقدك. إن ضاع المتصفح أعادت اثنتا عشرة كلمة مع عنوان إحدى عقدك كل شيء.
phrase-title = عبارة الاسترداد
phrase-lead = اكتب الكلمات والعنوان الذي تحتها، أو احفظهما في مدير كلمات مرور. من يملك الكلمات يملك هويتك؛ ولا يستطيع أحد أن يعطيك إياها مرة أخرى.
phrase-show = أظهر الكلمات
phrase-words = كلمات عبارة الاسترداد
phrase-copy = انسخ الكلمات والعنوان
phrase-where = عنوان عقدتك، ويلزم مع الكلمات
phrase-written = حفظتها
phrase-kept-not = أكّدتَ العبارة، فنسي هذا المتصفح الكلمات. هي حيث حفظتها فقط.
phrase-confirmed = مؤكدة: فُتحت نسختك بهذه الكلمات.
phrase-unconfirmed = لم تُؤكَّد بعد
phrase-field = عبارة الاسترداد
phrase-field-hint =
    { $count ->
        [0] اثنتا عشرة كلمة. يمكنك اللصق أو استخدام مدير كلمات مرور.
        [12] اثنتا عشرة كلمة.
       *[other] { $count } من 12 كلمة
    }
phrase-prove-title = أثبت أنها تعمل
phrase-prove-lead = تُنزَّل النسخة من عقدتك وتُفتح فعلًا بالكلمات كما حفظتها.
phrase-prove = أثبت
secret-show = إظهار
secret-hide = إخفاء
devices = أجهزتك الأخرى
devices-none = لا يحفظ في النسخة إلا هذا المتصفح.
device = الجهاز { $mark }
devices-unknown = إن لم تعرف أحدها فاسترجع هويتك.
prove-again-title = هل تعمل النسخة؟
prove-again-lead = تُنزَّل النسخة من عقدتك وتُفتح فعلًا.
prove-working = جارٍ التنزيل والفتح…
proof-title = تعمل
proof-found = فيها الهوية { $name }.
proof-contacts = جهات الاتصال
proof-messages = الرسائل
proof-newest = أحدث رسالة
proof-saved = حُفظت
proof-size = الحجم
proof-devices = كتبها
proof-devices-are =
    { $count ->
        [one] جهاز واحد
        [two] جهازان
        [few] { $count } أجهزة
       *[other] { $count } جهازًا
    }
vault-title = نسخة على عقدك
vault-lead = نسخة مشفّرة من كل ما في هذا المتصفح. تحفظها عقدك ولا تستطيع قراءتها.
vault-saving = جارٍ الحفظ…
vault-saved = حُفظت { $time }
vault-unsaved = حُفظت { $time }. وما استجد بعدها يُحفظ بعد لحظة.
vault-never = لم تُحفظ بعد
vault-full = لا مساحة لها على عقدتك.
vault-failing = تعذّر حفظها. آخر ما حُفظ من { $time }. تُعاد المحاولة من تلقاء نفسها.
vault-failing-never = تعذّر حفظها حتى الآن. تُعاد المحاولة من تلقاء نفسها.
vault-save = احفظ الآن
vault-fine = كما ينبغي
vault-unreachable = يتعذّر الوصول إليها
vault-missing = ليس لدى العقدة نسخة، أو فقدتها
vault-rolled-back = تعرض العقدة نسخة أقدم مما كان لديها. احفظ الآن أو اختر عقدة أخرى
vault-damaged = ما لدى العقدة تالف. احفظ الآن أو اختر عقدة أخرى
vault-too-new = كتبها إصدار أحدث من ZeChat
vault-node-full = لا مساحة على العقدة
passphrase-title = عبارة المرور
passphrase-lead = سر ثانٍ إلى جانب الكلمات: من يجد الكلمات وحدها لا يستطيع فتح النسخة. وإن نسيتها ضاعت النسخة.
passphrase-is-set = عبارة المرور مضبوطة.
passphrase-is-not-set = لا عبارة مرور.
passphrase-new = عبارة مرور جديدة
passphrase-set = اضبطها
passphrase-change = غيّرها
passphrase-remove = أزلها
passphrase-done = تمّ. حُفظت النسخة بها.
passphrase-field = عبارة المرور
passphrase-field-hint = فقط إن كنت قد ضبطت واحدة.
stolen-title = ضاعت أو سُرقت؟
stolen-lead = إن كانت لدى غيرك نسخة من بيانات هذا المتصفح أو من جهاز، فاسترجع هويتك بعبارة الاسترداد.
stolen-open = استرجعها
stolen-place = استرجع هويتك
stolen-what = ما الذي يحدث
stolen-1 = تُنشأ مفاتيح جديدة. وكل نسخة أخرى، ومنها نسخة السارق، لا تستطيع بعدها الكتابة باسمك ولا جلب بريدك.
stolen-2 = ترى جهات اتصالك تحذيرًا بأن لك مفاتيح جديدة، ويُطلب منها مقارنة رقم الأمان معك.
stolen-3 = ما غيّره السارق في هويتك خلال آخر 72 ساعة يُلغى.
stolen-4 = ما لدى النسخة الأخرى أصلًا تستطيع قراءته بعد. لا شيء يغيّر ذلك.
stolen-5 = تحصل على عبارة استرداد جديدة. وتبطل القديمة.
stolen-here-lead = تُنشأ مفاتيح جديدة وتُستبعد كل النسخ الأخرى. تُحذَّر جهات اتصالك. وتبقى محادثاتك هنا.
stolen-passphrase-hint = إن كنت قد ضبطت واحدة. تبقى سارية مع العبارة الجديدة؛ وإن تركت هذا فارغًا فليس للنسخة الجديدة عبارة مرور.
stolen-do = أنشئ مفاتيح جديدة واستبعد الآخرين
stolen-sure = أفهم أن جهات اتصالي تُحذَّر
stolen-sure-needed = أكّد هذا أولًا.
stolen-without = المتابعة من دون جهات اتصالي ومحادثاتي. لا يمكن استعادتها لاحقًا. يلزم لذلك رابطي.
rotate-title = مفاتيح جديدة
rotate-lead = يستبدل مفاتيح هذه الهوية إن ظننت أن أحدًا رآها. وتبقى عبارة الاسترداد كما هي.
rotate-do = أنشئ مفاتيح جديدة
rotate-sure-title = إنشاء مفاتيح جديدة؟
rotate-explained = ترى كل جهات اتصالك تحذيرًا واضحًا بأن لك مفاتيح جديدة، وينبغي أن تقارن رقم الأمان معك من جديد. وتُستبعد النسخ الأخرى من هذه الهوية.
rotate-done = لك الآن مفاتيح جديدة.
reminder = احفظ عبارة الاسترداد. من دونها فقدان هذا المتصفح هو فقدان هويتك.
reminder-do = احفظها الآن
reminder-later = لاحقًا
locked-title = هذه النسخة مستبعَدة
locked = استُبدلت مفاتيح هويتك في مكان آخر. ما زالت هذه النسخة تعرض ما لديها، لكنها لا ترسل ولا يصلها جديد.
locked-mine = إن كنت أنت من فعل ذلك فتابع في المتصفح الآخر. يمكنك حذف بيانات هذا الموقع هنا.
locked-not-mine = إن لم تكن أنت فلدى أحدهم مفاتيحك أو عبارة الاسترداد. استرجع هويتك فورًا.
locked-banner = هذه النسخة مستبعَدة. لا يمكن إرسال شيء من هنا.
locked-more = ما هذا؟

# --- الاستعادة --------------------------------------------------------------------------------------

welcome-have-one = لديّ هوية من قبل
restore-title = أحضر هويتك إلى هنا
restore-lead = يمكن أن تأتي هذه الصفحة من أي عقدة. ولا يلزم أن تكون هويتك على هذه.
restore-how = ماذا لديك؟
restore-way-vault = عبارة الاسترداد
restore-way-file = ملف نسخة احتياطية
restore-way-take-back = عبارتي، ولدى غيري نسخة
restore-vault-lead = تعود جهات الاتصال والمحادثات والمفاتيح من النسخة التي على عقدتك. ولا تلاحظ جهات اتصالك شيئًا.
restore-file-lead = تعود جهات الاتصال والمحادثات والمفاتيح من الملف. يُفتح بعبارة الاسترداد.
restore-take-back-lead = يعود أولًا ما في النسخة التي على عقدتك. ثم تُنشأ مفاتيح جديدة، وتُستبعد كل النسخ الأخرى، وتُحذَّر جهات اتصالك.
restore-from = رابط الاتصال الخاص بك، أو عنوان عقدتك
restore-from-hint = الرابط الذي أعطيته للآخرين، والقديم يكفي. أو عقدتك وحدها، مثل ‎https://node.example‎. أي عقدة من عقدك تكفي.
restore-from-needed = اكتب رابط اتصال لك أو عنوان عقدتك.
restore-file = ملف النسخة الاحتياطية
restore-file-chosen = { $name }، { $size }
restore-file-needed = اختر ملف النسخة الاحتياطية.
restore-file-bad = لا يمكن قراءة هذا الملف، أو هو أكبر من أن يكون نسخة احتياطية.
restore-phrase-needed = اكتب الكلمات الاثنتي عشرة.
restore-do = استعد
restore-back = أنشئ هوية جديدة بدلًا من ذلك
restoring-title = جارٍ الاستعادة
restoring-lead = يجري إحضار هويتك إلى هذا المتصفح.
restoring-asking = سؤال عقدك عن النسخة
restoring-downloading = تنزيلها وفتحها ({ $done } من { $of })
recovering-title = جارٍ استرجاع هويتك
recovering-fetching = جلب سجلاتك وفحصها
recovering-keys = إنشاء مفاتيح جديدة
recovering-registering = إخبار عقدك
recovering-banner = أُنشئت مفاتيحك الجديدة، لكن لم تعلم بها أي من عقدك بعد. ستُخبَر حالما تجيب إحداها. بطلت العبارة القديمة: اكتب الجديدة الآن.
recovering-more = العبارة الجديدة

# --- النسخ الاحتياطي --------------------------------------------------------------------------------

backup = النسخ الاحتياطي والتصدير
backup-open = النسخ الاحتياطي والتصدير
backup-file-title = ملف نسخة احتياطية
backup-file-lead = كل ما في هذا المتصفح في ملف مشفّر واحد. يُفتح بعبارة الاسترداد على أي عقدة.
backup-file-do = احفظ ملف نسخة احتياطية
export-title = المحادثات للقراءة
export-lead = كل المحادثات في ملف. ليس مشفّرًا: من يملكه يستطيع قراءته.
export-html = صفحة للقراءة (HTML)
export-json = مع التواقيع، للبرامج (أسطر JSON)
export-missing = تنقص هنا رسائل.
export-unreadable = شيء لا يستطيع هذا الإصدار عرضه.
export-name = محادثات { $name }
file-saving = جارٍ إعداد الملف…
file-saved = ‏{ $name } بين تنزيلاتك.
file-failed = لم يحفظ المتصفح الملف.

# --- تحذيرات في محادثة ------------------------------------------------------------------------------

fork-title = قد يكون غير { $name } يستخدم مفاتيحه
fork-explained = قولان موقّعان بمفاتيحه يتناقضان. لا يُرسل إليه شيء حتى يُحسم ذلك. اسأله بطريق آخر، بالهاتف مثلًا.
fork-trust = تابع بالمفاتيح التي كنت أعرفها

# --- ما قد يسوء -------------------------------------------------------------------------------------

error-silent = استغرق ZeChat وقتًا طويلًا. لم يضع شيء؛ حاول مرة أخرى.
error-bad-name = اختر اسمًا من 1 إلى 64 حرفًا.
error-bad-link = هذا ليس رابط اتصال، أو ضاع حرف منه. انسخه كاملًا مرة أخرى.
error-link-too-new = أنشأ هذا الرابط إصدار أحدث من ZeChat. انتقل إليه عندما تعرضه هذه الصفحة، أو افتح الرابط في صفحة العقدة التي يسمّيها.
error-own-link = هذا رابطك أنت. أعطه لغيرك!
error-too-many-links =
    { $limit ->
        [zero] لا يمكن فتح روابط أكثر. ألغِ رابطًا لا تحتاجه.
        [one] هناك رابط مفتوح، ولا يمكن أكثر. ألغِ رابطًا لا تحتاجه.
        [two] هناك رابطان مفتوحان، ولا يمكن أكثر. ألغِ رابطًا لا تحتاجه.
        [few] هناك { $limit } روابط مفتوحة، ولا يمكن أكثر. ألغِ رابطًا لا تحتاجه.
        [many] هناك { $limit } رابطًا مفتوحًا، ولا يمكن أكثر. ألغِ رابطًا لا تحتاجه.
       *[other] هناك { $limit } رابط مفتوح، ولا يمكن أكثر. ألغِ رابطًا لا تحتاجه.
    }
error-empty-text = لا شيء لإرساله بعد.
error-text-too-long = هذا أطول من اللازم: تتسع الرسالة لـ{ $limit } حرف على الأكثر، ولأقل من ذلك في بعض الكتابات.
error-not-found = لم يعد هنا. أعد تحميل الصفحة لترى ما هو موجود.
error-wrong-state = لم يعد ذلك ممكنًا: تغيّرت الأمور. انظر من جديد، وكرّره إن كنت ما زلت تريده.
error-number-differs = هذا رقم آخر. إن كنتما تريان ما قارنتماه فربما كان أحدهم بينكما: لا تثق بجهة الاتصال هذه حتى يتطابق.
error-no-identity = لا هوية في هذا المتصفح بعد. أنشئ واحدة أو أحضر هويتك.
error-identity-exists = في هذا المتصفح هوية من قبل. افتح الصفحة من جديد لتستخدمها.
error-not-connected = لست متصلًا بعقدتك الآن. حاول عندما تتصل.
error-node-unreachable = يتعذّر الوصول إلى عقدتك. تحقق من اتصالك ومن العنوان ثم حاول مرة أخرى.
error-node-misbehaves = أجابت عقدتك بما لا ينبغي لعقدة أن تقوله. حاول لاحقًا، أو استخدم عقدة أخرى.
error-clock-wrong = ساعة هذا الجهاز وساعة العقدة مختلفتان. إن كانت ساعة هذا الجهاز خاطئة فاضبطها ثم حاول مرة أخرى.
error-their-node-unreachable = يتعذّر الوصول إلى عقدته الآن. حاول لاحقًا.
error-identity-unknown = لا تعرف عقدته من هذا. ربما كان الرابط قديمًا: اطلب رابطًا جديدًا.
error-locked-out = استُبدلت مفاتيحك في مكان آخر، فتستطيع هذه النسخة القراءة ولا تكتب. إن لم تكن أنت فاسترجع هويتك بعبارة الاسترداد.
error-bad-node = هذا ليس عنوان عقدة. اسأل من يديرها؛ وهو يشبه ‎https://node.example‎.
error-node-listed = هذه العقدة من عقدك أصلًا. اختر غيرها.
error-too-many-nodes = لا يمكن أن تكون لك عقد أكثر. أزل واحدة أولًا.
error-last-node = هذه هي العقدة الوحيدة التي تستطيع جهات اتصالك ترك الرسائل عليها. أضف أخرى أولًا.
error-wrong-phrase = هذه عبارة استرداد، لكنها ليست عبارة هذه الهوية. ابحث عن الصحيحة.
error-identity-invalid = ما تقوله عقدته عنه غير صحيح. لا تثق بهذا الرابط؛ اطلبه منه بطريق آخر.
error-phrase-count = عبارة الاسترداد 12 كلمة؛ وهذه { $found }.
error-phrase-word = الكلمة { $number } ليست من عبارة استرداد. ابحث عن خطأ في الكتابة.
error-phrase-checksum = كلمة خاطئة، أو كلمتان تبادلتا مكانيهما. قارن كل كلمة بما كتبته.
error-wrong-passphrase = عبارة الاسترداد صحيحة، وعبارة المرور لا. انتبه إلى الأحرف الكبيرة والصغيرة.
error-no-vault = لا تُظهر أي عقدة شيئًا محفوظًا لهذه العبارة. إن كان هناك شيء فقد تكون عقدة تخفيه: جرّب عنوان عقدة أخرى من عقدك أو ملف نسخة احتياطية.
error-vault-damaged = ما كان محفوظًا تالف ولم يُستخدم. جرّب عقدة أخرى من عقدك أو ملف نسخة احتياطية.
error-vault-too-new = حفظه إصدار أحدث من ZeChat. انتقل إليه عندما تعرضه هذه الصفحة، أو استخدم صفحة عقدة أخرى.
error-vault-full = لا مساحة له على عقدتك. اسأل من يديرها، أو انتقل إلى أخرى.
error-phrase-not-kept = أكّدتَ عبارة الاسترداد، فلم يعد هذا الجهاز يحفظ الكلمات.
error-bad-origin = هذا ليس رابط اتصال ولا عنوان عقدة. انسخه كاملًا مرة أخرى.
error-storage = تعذّر على المتصفح حفظه. أعد تحميل الصفحة ثم حاول مرة أخرى. يقول: { $detail }
error-no-room = لم تبقَ مساحة له على هذا الجهاز. أفرغ بعضها ثم حاول مرة أخرى. ما كتبته ما زال هنا.
error-internal = حدث خطأ في ZeChat: { $detail }. أعد تحميل الصفحة؛ وإن بقي فأخبرنا بهذه الكلمات.

# جواب عقدة، بحسب رمزه الثابت.
problem =
    { $code ->
        [own-node-misbehaves] توقّف ZeChat هنا: أجابت العقدة بما لا ينبغي لعقدة أن تقوله. حاول لاحقًا، أو استخدم عقدة أخرى.
        [own-wrong-node] لم يدخل ZeChat: تجيب عقدة أخرى في هذا العنوان. اسأل من يديرها عمّا تغيّر.
        [own-last-node] يُبقيها ZeChat: هي العقدة الوحيدة التي تستطيع جهات اتصالك ترك الرسائل عليها. أضف أخرى أولًا.
        [own-not-found] لم تعد لدى ZeChat جهة الاتصال التي كان هذا لها.
        [own-wrong-state] لم يرسله ZeChat: جهة الاتصال محظورة أو لم تعد تقبل الرسائل.
        [own-bad-node] لم يرسله ZeChat: عنوان عقدة جهة الاتصال غير صحيح. اطلب رابطًا جديدًا.
        [own-no-postage] لم يرسله ZeChat: لا تقول عقدته كم تكلّف الرسالة الأولى. حاول لاحقًا.
        [own-internal] حدث خطأ في ZeChat نفسه. أعد تحميل الصفحة ثم حاول مرة أخرى.
        [malformed] لم تفهم العقدة ZeChat. يحتاج أحدهما إلى تحديث: انتقل إلى إصدار أحدث عندما تعرضه هذه الصفحة، أو اسأل من يدير العقدة.
        [too_large] وجدته العقدة أكبر من اللازم.
        [not_found] ليس لدى العقدة.
        [unknown_mailbox] تقول عقدته إن الصندوق زال: ربما حظرك أو انتقل.
        [mailbox_moved] تقول عقدته إنه انتقل، ولا أحد يقول بعد إلى أين. حاول لاحقًا.
        [mailbox_full] تقول عقدته إن صندوقه ممتلئ. حاول بعد أن يحضر.
        [node_full] تقول العقدة إنه لم تبقَ لديها مساحة. حاول لاحقًا.
        [wrong_size] رفضت العقدة حجم الرسالة. يحتاج أحدهما إلى تحديث: انتقل إلى إصدار أحدث عندما تعرضه هذه الصفحة، أو اسأل من يدير العقدة.
        [postage_required] تطلب عقدته إثبات عمل أكبر للرسالة الأولى مما أُرسل. حاول مرة أخرى: سينجزه ZeChat.
        [invalid_signature] تقول العقدة إن التوقيع لا يطابق. أعد تحميل الصفحة ثم حاول مرة أخرى.
        [invalid_record] تقول العقدة إن سجلات هذه الهوية تخالف القواعد. أعد تحميل الصفحة ثم حاول مرة أخرى.
        [stale_record] لدى العقدة حال أحدث لهذه الهوية، من نسخة أخرى.
        [forked_record] لدى العقدة تاريخ آخر لهذه الهوية. ربما يستخدم غيرك مفاتيحك: استرجع هويتك إن لم تكن أنت.
        [stale_key_package] لدى العقدة مفتاح أحدث لهذه الهوية، من نسخة أخرى.
        [registration_closed] لا تقبل العقدة أحدًا جديدًا. اختر غيرها.
        [invite_required] لا تقبل العقدة إلا بدعوة. اطلبها ممن يديرها.
        [invite_invalid] تقول العقدة إن الدعوة مستعملة أو قديمة أو ليست منها. اطلب دعوة جديدة.
        [account_blocked] حظر مدير العقدة هذه الهوية. يمكنك الانتقال إلى عقدة أخرى.
        [node_closing] يجري إغلاق العقدة. انتقل إلى أخرى.
        [not_this_node] تقول العقدة إنها ليست من عقد هذه الهوية. أضفها مرة أخرى أو استخدم غيرها.
        [unauthorized] لا تسمح العقدة لهذه الهوية بالدخول. اسأل من يديرها أو استخدم عقدة أخرى.
        [key_replaced] تقول العقدة إن مفاتيح هذه الهوية استُبدلت: هذه النسخة مستبعَدة.
        [login_expired] تقول العقدة إن ساعة هذا الجهاز خاطئة. اضبطها ثم حاول مرة أخرى.
        [unknown_identity] لا تعرف العقدة هذه الهوية. أضفها مرة أخرى أو استخدم غيرها.
        [vault_full] لم تبقَ لدى العقدة مساحة للنسخة.
        [stale_vault] لدى العقدة نسخة أحدث، من جهاز آخر. تُعاد المحاولة من تلقاء نفسها.
        [missing_chunk] فقدت العقدة جزءًا من النسخة. يُرسل مرة أخرى من تلقاء نفسه.
        [peer_refused] لا تتحدث العقدتان إحداهما مع الأخرى. يقرر ذلك من يديرهما.
        [peer_unreachable] تقول عقدتك إنه يتعذّر الوصول إلى عقدته. تُعاد المحاولة من تلقاء نفسها.
        [peer_misbehaves] تقول عقدتك إن عقدته أجابت بما لا ينبغي لعقدة أن تقوله.
        [private_address] لا تسمح عقدتك بعنوان عقدته لأنه من شبكة خاصة. اسأل من يدير عقدتك.
        [rate_limited] تقول العقدة إن هذا كثير دفعة واحدة. انتظر قليلًا.
        [too_many_connections] لدى العقدة اتصالات كثيرة جدًا. انتظر قليلًا.
        [undeliverable] لم تستطع عقدتك الوصول إلى عقدته طوال يومين. حاول لاحقًا.
        [cannot_open] لم تستطع عقدته فتحه: تغيّر مفتاحها. حاول مرة أخرى.
        [unavailable] تقول العقدة إنها غير متاحة الآن. حاول لاحقًا.
        [internal] تقول العقدة إن خطأً حدث عندها. حاول لاحقًا.
       *[other] رفضته العقدة ({ $code }).
    }

# --- القفل ------------------------------------------------------------------------------------------

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
lock-new-hint = 8 أحرف على الأقل؛ أربع كلمات عشوائية تكفي.
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

# --- عدة هويات --------------------------------------------------------------------------------------

identities = الهويات في هذا المتصفح
identities-hint = لكل واحدة مفاتيحها ورسائلها وقفلها، ولا تعرف إحداها شيئًا عن الأخرى. وتبقى الألسنة الأخرى مع هويتها.
identity-here = هذه
identity-new = هوية أخرى
evicted-title = أزال هذا المتصفح { $name }
evicted-what = اختفت المفاتيح والرسائل من هذا المتصفح: نفدت المساحة، أو حُذفت بياناته، أو لم تُفتح الصفحة منذ وقت طويل. هويتك نفسها بخير.
evicted-way = استعدها بعبارة الاسترداد أو بملف نسخة احتياطية. والرسائل التي لم تُجلب تنتظر على عقدتك.
evicted-restore = استعدها
evicted-forget = لا أحتاج إليها
evicted-install = تحتفظ المتصفحات ببيانات الصفحات المثبَّتة مدة أطول: أضف ZeChat إلى الشاشة الرئيسية أو شريط التطبيقات.
other-program = إصدار أحدث من ZeChat جاهز. مسوداتك في المحادثات باقية.
other-program-switch = انتقل إليه
