# Every text that a person sees. Names from elsewhere come in as variables, never as part of a text.

app-name = ZeChat

# --- Starting -------------------------------------------------------------------------------------

opening = Opening your messages…
engine-silent-title = ZeChat is not answering
engine-silent = The part of it that keeps your messages did not start. Another tab may be holding it: close the other ZeChat tabs, then try again. Nothing is lost.
engine-broken-title = ZeChat cannot run here
engine-broken = The browser stopped the part that keeps your messages. In a private window, or with site data forbidden, nothing can be kept.
engine-broken-detail = The browser says: { $detail }
engine-full-title = There is no room left
engine-full = This device has no room for what ZeChat keeps. Make some, then load the page again. Nothing is lost.
engine-newer-title = This page is too old
engine-newer = A newer version of ZeChat keeps your messages here. Close all other ZeChat tabs, then load the page again to get that version. Nothing is lost.
engine-damaged-title = What is stored here cannot be read
engine-damaged = The browser has lost a part of it, or something changed it. Nothing is wrong with your identity.
engine-damaged-way = If loading the page again does not help, delete what is stored here and bring your identity back with your recovery phrase or a backup file. Messages that were not fetched wait on your node.
try-again = Try again
reload = Load again
missing-storage = This browser, or its present mode, has no storage for sites (IndexedDB). ZeChat keeps your keys and messages there and cannot work without. Try an ordinary window instead of a private one.
missing-locks = This browser is too old for ZeChat: it has no Web Locks. Try a current Firefox, Chrome, Edge or Safari.
missing-channel = This browser is too old for ZeChat: it has no BroadcastChannel. Try a current Firefox, Chrome, Edge or Safari.
missing-secure-context = This page came over an unprotected connection, where browsers withhold cryptography. Open it with https.

# --- Welcome --------------------------------------------------------------------------------------

welcome-title = Talk freely.
welcome-lead = Private messages between you and your people. No phone number, no password, no company in between: pick a name and start.
welcome-invited-title = Somebody wants to talk with you
welcome-invited-lead = Pick a name, and you can write to them right away. No phone number, no mail address, nothing to install.
welcome-invited = You’ve been invited to chat
welcome-name = Your name
welcome-name-hint = People you write to will see it. You can change it any time.
welcome-name-needed = Please enter a name of up to 64 characters.
welcome-create = Start
welcome-advanced = Use another node
welcome-node = Address of your node
welcome-node-hint = A node keeps your mail until you fetch it, and cannot read it. Without an address here, it is { $node }.
welcome-node-placeholder = https://
welcome-node-wrong = That is not the address of a node. It begins with https://
welcome-elsewhere = Already on ZeChat at another address?
welcome-elsewhere-hint = Copy this invitation, open your ZeChat and paste it under “New contact”.
welcome-copy-invitation = Copy invitation
welcome-point-keys = Your keys are made here, and nobody else can read them
welcome-point-nodes = Works across nodes, move whenever you like
welcome-point-lost = Nothing is lost silently

creating-title = Making your identity
creating-lead = It is made here, in this browser. This takes a few seconds, once.
creating-meeting-node = Meeting your node
creating-signing-key = Making the key that signs for you
creating-sealing-key = Making the key that opens your mail
creating-record = Writing your first record
creating-registering = Registering with your node
creating-step-done = done
creating-step-now = in progress
creating-step-later = to come
creating-failed = That did not work

# --- Words for people and nodes --------------------------------------------------------------------

contact-new = New contact · { $node }
me = You

# --- Conversations ---------------------------------------------------------------------------------

conversations = Conversations
conversations-empty-title = It’s quiet here
conversations-empty = Send somebody your link, or open theirs. Then you can talk.
new-contact = New contact
settings = Settings
requests = Requests
requests-count =
    { $count ->
        [one] { $count } request
       *[other] { $count } requests
    }
unread =
    { $count ->
        [one] { $count } unread message
       *[other] { $count } unread messages
    }
unread-many = 99+
title-unread = ({ $count }) ZeChat
preview-draft = Draft:
preview-mine = You:
preview-blocked = Blocked
preview-gap = Messages are missing
preview-newer = A message for a newer version
preview-cannot-open = A message that cannot be opened
preview-connected = You can talk now
preview-broken = Something is wrong here
preview-moved = They moved to another node
preview-key-changed = They use new keys
preview-forked = Warning: somebody else may use their keys
preview-fork-settled = You can write again
preview-deleted = Deleted message
preview-expired = A message that has disappeared
preview-nothing = Nothing written yet
detail-first-title = Start your first conversation
detail-first = Give somebody your link, or open theirs.
detail-empty-title = Choose a conversation
detail-empty = Or start a new one: give somebody your link.

# --- Link -----------------------------------------------------------------------------------------

link-title = Your link
link-lead = Whoever opens it can ask to write to you. It holds no name and no secret.
link-qr = QR code of your contact link
links-title = Links for one person
links-lead = A link for somebody you mean: when they ask, you see by which link they came. It works once, and you can take it back.
links-label = Whom it is for (optional)
links-label-hint = Only you see this.
links-many = It works for everybody who has it, until I revoke it
links-make = Make a link
links-list = Open links
links-unnamed = Without a name
links-once = Works once
links-until-revoked = Works until you revoke it
links-made = Made { $time }
links-show = Show code
links-qr = QR code of the link: { $name }
links-revoke = Revoke
links-revoke-title = Revoke the link “{ $name }”?
links-revoke-explained = Whoever opens it from now on asks like anybody else. Those who came by it stay.
copy = Copy
copied = Copied
copy-failed = The browser did not allow it. Select the text and copy it by hand.
share = Share
share-text = Write to me on ZeChat
paste-title = Somebody gave you a link or a code?
paste-label = Their link
paste-placeholder = https://…/i#…
paste-open = Open
paste-looking = Looking them up…

# --- Contact preview and first message ---------------------------------------------------------------

preview-title = Say hello
preview-lead = They see your name and this message, and decide whether to answer. Their own name comes with their answer.
preview-node = Node
preview-fingerprint = Fingerprint
first-message = Your first message
first-message-placeholder = Hi, it’s { $name }!
first-message-send = Send request
asked-notice = Waiting for them to accept. What you write meanwhile is delivered as soon as they do.
invite-opening = Looking up who invited you…
invite-failed = The invitation could not be opened
home = To your conversations
gone-title = This conversation is not here
gone = It may have been removed, or it belongs to another browser.

# --- Requests --------------------------------------------------------------------------------------

requests-title = Requests
requests-lead = People you don’t know yet. They learn nothing until you accept: not that you read this, not that you are there.
requests-empty-title = No requests
requests-empty = When somebody opens your link and writes to you, you decide here.
request-says = calls themselves
request-unnamed = Somebody without a name
request-accept = Accept
request-refuse = Refuse
request-block = Block
request-arrived = Arrived { $time }
request-by-link = by the link that you made for “{ $name }”
request-by-unnamed-link = by a link that you made
request-note = Names are what people say of themselves. Compare the safety number later to be sure.

# --- Conversation ----------------------------------------------------------------------------------

back = Back
messages-with = Messages with { $name }
loading-newer = Loading newer messages…
is-typing = is writing…
message-options = Message options
message-react = React
message-reply = Answer
message-copy = Copy text
message-edit = Change
message-info = Details
message-delete = Delete
emoji-choose = Choose an emoji
emoji-more = More emoji
sign-mine = You: { $sign }. Take it back
sign-theirs = { $name }: { $sign }
quote-gone = A message that is not here any more
quote-jump = Go to the answered message
replying = Answering
editing = Changing your message
edit-save = Save the change
entry-edited = changed
entry-disappears = Disappears
delete-title = Delete this message?
delete-explained = For both: their device is asked to delete it too, and you see whether it did. It cannot take back what was read or copied.
delete-here-explained = It is deleted in this browser. The other person keeps it.
delete-here = Delete here
delete-both = Delete for both
info-title = Details
info-loading = Looking it up…
info-sent = Written
info-stored = Arrived here
info-expires = Disappears
info-versions = Earlier texts
info-until = until { $time }
timer-title = Disappearing messages
timer-explained = New messages of both of you are deleted on both sides when this time has passed since they were sent. The other person is told. What is here already stays.
timer-off = Off
pin = Pin
unpin = Unpin
pinned = Pinned
mute = Mute
mute-hours = Mute for 8 hours
tell = Tell that I read and write
tell-nothing = Tell nothing of reading and writing
unmute = Unmute
muted = Muted
archive = Archive
unarchive = Take out of the archive
filters = Which conversations
filter-all = All
filter-unread = Unread
filter-unanswered = Unanswered
filter-archived = Archived ({ $count })
filter-none = Nothing here.
search-label = Search messages
search-clear = Clear the search
search-none = Nothing found.
search-more = There is more: the newest are shown.
search-where = The search looks at the messages in this browser, and asks nobody.
search-count =
    { $count ->
        [0] Nothing found.
        [one] { $count } message found.
       *[other] { $count } messages found.
    }
message-from = { $name }, { $time }: { $text }
loading-messages = Loading messages…
loading-older = Loading older messages…
older-failed = Older messages could not be loaded.
messages-failed = The messages could not be loaded.
messages-empty = No messages yet. Say hello!
beginning = This is where your conversation began.
day-today = Today
day-yesterday = Yesterday
unread-here = New messages
jump-unread = Go to the unread message further up
jump-latest = Jump to the latest message
jump-latest-count =
    { $count ->
        [one] { $count } new message below
       *[other] { $count } new messages below
    }
state-accepted = End-to-end encrypted
state-asked = Not accepted yet
state-asking = Wants to talk with you
state-blocked = Blocked
state-resolved = Not written to yet
verify = Safety number
conversation-menu = More
contact-name = Name for this contact
contact-name-hint = Only you see it. Leave it empty for the name they give themselves.
clear = Clear conversation
clear-title = Clear the conversation with { $name }?
clear-explained = All its messages are deleted in this browser. What waits for them to accept is not sent; what is already on its way still arrives. They keep theirs; you stay connected.
block = Block
block-title = Block { $name }?
block-explained = They can no longer write to you; what they send is dropped. They are not told. You can lift it later.
block-really = Block
unblock = Lift the block
cancel = Cancel
close = Close

delivery-waiting = Waiting: not with your node yet
delivery-waiting-for-acceptance = Waiting for them to accept
delivery-sent = Sent: your node has it
delivery-on-their-node = On their node
delivery-delivered = Delivered
delivery-read = Read
delivery-failed = Not delivered
delivery-failed-why = Not delivered. { $reason }
retry = Try again

entry-gap =
    { $missing ->
        [one] { $missing } message is missing here. It may still arrive.
       *[other] { $missing } messages are missing here. They may still arrive.
    }
entry-newer = This message needs a newer version of ZeChat. It shows once this page has switched to one.
entry-cannot-open = A message arrived that cannot be opened here. Ask for it again.
entry-deleted-by-them = They deleted this message.
entry-deleted-there = You deleted this message, and their device did too.
entry-deleted-asked = You deleted this message. Their device has not confirmed yet that it did too.
entry-deleted-failed = You deleted this message here. The wish could not be delivered: they still have it.
entry-expired = A disappearing message was here. Its time was over before it arrived.
entry-timer = New messages disappear { $time } after they are sent.
entry-timer-off = New messages are kept.
lifetime =
    { $unit ->
        [week] { $count ->
            [one] { $count } week
           *[other] { $count } weeks
        }
        [day] { $count ->
            [one] { $count } day
           *[other] { $count } days
        }
        [hour] { $count ->
            [one] { $count } hour
           *[other] { $count } hours
        }
        [minute] { $count ->
            [one] { $count } minute
           *[other] { $count } minutes
        }
       *[second] { $count ->
            [one] { $count } second
           *[other] { $count } seconds
        }
    }
entry-connected = You are connected. Only the two of you can read what you write here.
entry-moved = They moved to another node. There is nothing for you to do.
entry-key-changed = They use new keys from here on. If you did not expect that, compare the safety number with them.
entry-recovered = They took their identity back with their recovery phrase, because their keys were lost or stolen. Compare the safety number with them before you trust what follows.
entry-forked = Warning: two statements of theirs contradict each other. Somebody else may use their keys. Nothing is sent to them until this is settled; ask them on another way.
entry-fork-recovered = They settled it with their recovery phrase. You can write again; compare the safety number first.
entry-fork-decided = You chose to go on with the keys that you knew before.
entry-broken = What follows contradicts what they sent before. Somebody may have forged it, or their device was set back. Compare the safety number before you trust it.

composer-label = Message to { $name }
composer-placeholder = Write a message
composer-send = Send
composer-near =
    { $left ->
        [one] at most { $left } more character
       *[other] at most { $left } more characters
    }
composer-over =
    { $over ->
        [one] { $over } character too long
       *[other] { $over } characters too long
    }
composer-blocked = You blocked this contact.
composer-asking = They asked to write to you.

safety-title = Safety number
safety-lead = Compare these numbers with { $name } by voice or face to face. If both of you see the same, nobody is in between.
safety-unverified = Until you compare it, you rely on the link or the first message having really come from them.
safety-qr = QR code of the safety number
safety-same = They are the same
safety-scan = Scan their code
safety-verified = You compared it: this is who you think. It stays so when they move to another node.
safety-changed = One of you has new keys since you compared it. Compare it again before you trust what is written.
safety-unverify = No longer sure
verified = Verified
verified-no-more = Compared before, but the keys are new
scan-camera = Use the camera
scan-picture = Choose a picture
scan-looking = Hold the code before the camera.
scan-no-camera = There is no camera, or the browser was not allowed to use it. A picture of the code works too.
scan-none = There is no code in this picture that can be read.
scan-unreadable = This file is not a picture that the browser can read.
scan-no-reader = The part of ZeChat that reads codes could not be loaded. Try again when you are connected.
safety-loading = Working it out…

# --- Connection -----------------------------------------------------------------------------------

connection-connecting = Connecting…
connection-online = Connected
connection-idle = Not connected
connection-offline-short = Offline
connection-refused-short = Refused
connection-offline =
    { $seconds ->
        [0] Offline. Trying again now. What you write is kept and sent later.
       *[other] Offline. Next try in { $seconds } s. What you write is kept and sent later.
    }
connection-try-now = Try now
connection-refused = { $problem } What you write is kept.
tombstones =
    { $count ->
        [one] Your node had to drop { $count } message that was not fetched in time ({ $from } to { $to }). Ask your contacts to send it again.
       *[other] Your node had to drop { $count } messages that were not fetched in time ({ $from } to { $to }). Ask your contacts to send them again.
    }
dropped-unreadable =
    { $count ->
        [one] { $count } message could not be opened, and it is not known whose it was. Whoever it was can send it again.
       *[other] { $count } messages could not be opened, and it is not known whose they were. Whoever it was can send them again.
    }
dropped-too-many =
    { $count ->
        [one] { $count } first message of a stranger was left out, because too many were waiting.
       *[other] { $count } first messages of strangers were left out, because too many were waiting.
    }
tombstones-dismiss = Got it

# --- Settings -------------------------------------------------------------------------------------

settings-profile = Profile
settings-name = Your name
settings-name-hint = Your contacts are told of a change at once.
settings-name-save = Save
settings-name-saved = Saved
settings-privacy = Privacy
settings-receipts = Send receipts
settings-receipts-hint = Tells contacts when their messages arrived and when you read them. Off means that nothing is sent. Strangers never get any.
settings-typing = Show that you are writing
settings-typing-hint = Tells contacts who are there that you are writing, and shows when they are. Off means that nothing is sent.
settings-asking = Who may ask to write to you
settings-asking-any = Everybody who has a link of mine
settings-asking-made = Only with a link that I made for it
settings-asking-hint = Who asks without one, or by one that was used or revoked, is then not shown, and cannot tell. Contacts stay as they are.
settings-notify = Notifications
notify-off = None
notify-quiet = That there is a message
notify-name = Who wrote
notify-text = Who wrote, and the message
notify-hint = They come while ZeChat is open in a tab. Muted conversations and strangers never notify.
notify-denied = The browser does not allow this page to notify. Its settings for this site can change that.
notify-missing = This browser has no notifications for pages.
notice-message = New message
settings-look = Text and contrast
text-size = Size of text
text-size-small = Small
text-size-normal = Normal
text-size-large = Large
text-size-largest = Largest
contrast = More contrast
settings-language = Language
language-browser = As the browser has it
settings-storage = Storage
storage-used = Used in this browser
storage-room = Room left
storage-kept = The browser has promised not to clear it away when it runs short of space.
storage-not-kept = The browser may clear it away when it runs short of space. Installing ZeChat, or using it often, can change that.
amount =
    { $unit ->
        [giga] { $whole }.{ $rest } GB
        [mega] { $whole }.{ $rest } MB
       *[kilo] { $whole }.{ $rest } kB
    }
settings-danger = Danger zone
danger-explained = Deletes your identity, your keys and all messages from this browser. Your node and your contacts are not told.
danger-delete = Delete everything here
danger-title = Delete everything in this browser?
danger-consequences = Without the recovery phrase or a backup nobody can bring any of it back: not you, not your node, not us.
danger-sure = I have what I need, or I need nothing of it.
keys-title = Keys
keys-sheet = This list
keys-search = Search
keys-send = Send
keys-line = A new line
keys-conversations = To another conversation in the list
keys-close = Close a dialog, give up a change
keys-messages = On a message
keys-messages-hint = Press the Tab key until the messages have the focus, then an arrow key.
keys-move = To another message
keys-single = Keys alone, without Ctrl or Alt, give commands
settings-appearance = Appearance
appearance-system = System
appearance-light = Light
appearance-dark = Dark
settings-identity = Identity and node
settings-node = Home node
settings-connection = Connection
settings-fingerprint = Fingerprint
settings-identity-id = Identity id
settings-about = About
settings-version = Version
settings-build = Build
settings-build-unknown = development build
settings-licence = Licence
settings-licence-text = Apache-2.0 or MIT. Icons by Lucide, ISC licence.
settings-licences = Libraries and their licences
settings-keys-note = Your keys and messages are in this browser, and encrypted on your nodes. Clearing its site data removes what is here.

# --- Nodes and moving -------------------------------------------------------------------------------

nodes = Your nodes
nodes-lead = A node keeps your mail until you fetch it. It cannot read it. You can move to another one whenever you like: your contacts come along by themselves.
nodes-open = Nodes and moving
nodes-move = Move to another node
nodes-add = Add a second node
nodes-add-lead = With two nodes, messages reach you while one of them is away.
nodes-add-do = Add this node
nodes-empty-title = No node yet
nodes-empty = Your identity is on no node. Messages cannot reach you.
node-joining = Getting ready
node-active = In use
node-draining = Being emptied
node-leaving = Being left
node-joining-means = It is being told who you are. Your contacts do not use it yet.
node-active-means = Your contacts leave their messages here.
node-draining-means = Your contacts use another node now. What is still here is fetched.
node-draining-until = Your contacts use another node now. What still arrives here is fetched. It is removed by itself on { $day }.
node-leaving-means = It is being told that you have gone, so that it can send on whoever comes late. There is nothing to do.
node-forget = Forget it
node-priority = Order
node-order = Tried as number { $number }
node-drain = Stop using
node-keep = Use it again
node-remove = Remove now
node-remove-title = Remove { $node } now?
node-remove-explained = Messages that are still there and not fetched yet are given up. Do this when the node is gone for good, or when you do not trust it any more. Otherwise wait: it is removed by itself when it is empty.
node-remove-really = Remove it
node-prefer = Use first
node-closing = This node is closed down on { $day }. Move before: what is still there then is lost.
node-closing-banner = Your node { $node } is closed down on { $day }. Move to another one before.
node-problem = Last problem: { $problem }
node-called = Name
node-address-label = Address of the node, or an invitation to it
node-keeps = Keeps mail for
node-room = Room
node-room-is = { $size }, { $count } messages
node-vault-room = Room for the encrypted copy
node-people = New people
node-software = Software
node-open = Everybody
node-invite = With an invitation
node-closed = Nobody
node-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
node-look = Look at it
node-looking = Asking the node…
node-away = There is no node at this address, or it cannot be reached right now.
node-facts-loading = Asking it for its limits…
node-facts-failed = Its limits could not be asked for.
node-listed = This is one of your nodes already.
node-takes-nobody = This node takes no new people. Choose another one.
node-needs-invite = This node takes people with an invitation only. Paste the invitation in place of the address.
node-keeps-short = This node deletes mail after { $kept }. If you are away for longer, messages are lost, and you are told how many.
size-bytes = { $count } bytes
size-kilobytes = { $count } kB
size-megabytes = { $count } MB

move-title = Move
move-lead = Your identity, contacts and messages stay as they are. Your contacts do nothing, and see one quiet line.
move-to-title = 1. Where to?
move-from-title = 2. From which node?
move-from-only = You leave { $node }.
move-do = Move to { $node }
move-dead = The old node may be gone for good: moving works all the same.
move-step-join = The new node gets to know you
move-step-empty = Your contacts use the new node, and the old one is emptied
move-step-leave = The old node is left
move-under-way-title = You are moving
move-under-way-from-to = From { $from } to { $to }
move-under-way-to = To { $to }
move-under-way-from = Away from { $from }
move-join-now = This takes a few seconds. Messages still arrive at the old node meanwhile.
move-join-silent = The new node does not answer right now. It is tried again by itself; nothing has changed for your contacts.
move-empty-now = You have moved. Until { $day } messages may still arrive at the old node; they are fetched whenever ZeChat is open. You do not have to stay on this page.
move-empty-now-open = You have moved. Messages may still arrive at the old node; they are fetched whenever ZeChat is open. You do not have to stay on this page.
move-refused = You have not moved, and nothing has changed for your contacts.
move-silent = { $node } does not answer. If it is gone for good, you do not have to wait for it.
move-waits-title = The old node
move-waits = It is emptied and removed by itself. There is nothing to do.
move-page = This page itself comes from { $node }, and your browser keeps your messages under its address. Once that node is gone, open ZeChat from your new node and restore there. Have your recovery phrase ready.
move-stop = Stay on the old node
move-done-title = You have moved
move-done = { $node } is your node now. Everything else is as it was.
move-again = Move again

# --- Recovery ---------------------------------------------------------------------------------------

recovery = Recovery
recovery-open = Recovery phrase and backup
recovery-lead = Your keys and messages are in this browser, and encrypted on your nodes. If this browser is lost, twelve words and the address of one of your nodes bring everything back.
phrase-title = Recovery phrase
phrase-lead = Write down the words and the address that stands below them, or keep both in a password manager. Whoever has the words has your identity; nobody can give them to you again.
phrase-show = Show the words
phrase-words = The words of your recovery phrase
phrase-copy = Copy words and address
phrase-where = Address of your node, needed with the words
phrase-written = I have kept them
phrase-kept-not = You confirmed the phrase, so this browser has forgotten the words. They are only where you kept them.
phrase-confirmed = Confirmed: your copy was opened with these words.
phrase-unconfirmed = Not confirmed yet
phrase-field = Recovery phrase
phrase-field-hint =
    { $count ->
        [0] Twelve words. Pasting and password managers are welcome.
        [12] Twelve words.
       *[other] { $count } of 12 words
    }
phrase-prove-title = Prove that they work
phrase-prove-lead = The copy on your node is downloaded and really opened with the words as you have kept them.
phrase-prove = Prove it
secret-show = Show
secret-hide = Hide
devices = Your other devices
devices-none = Only this browser saves to the copy.
device = Device { $mark }
devices-unknown = If you do not know one of them, take your identity back.
prove-again-title = Does the copy work?
prove-again-lead = The copy on your node is downloaded and really opened.
prove-working = Downloading and opening…
proof-title = It works
proof-found = It holds the identity { $name }.
proof-contacts = Contacts
proof-messages = Messages
proof-newest = Newest message
proof-saved = Saved
proof-size = Size
proof-devices = Written by
proof-devices-are =
    { $count ->
        [one] { $count } device
       *[other] { $count } devices
    }
vault-title = Copy on your nodes
vault-lead = An encrypted copy of everything in this browser. Your nodes keep it and cannot read it.
vault-saving = Being saved…
vault-saved = Saved { $time }
vault-unsaved = Saved { $time }. What is new since then is saved in a moment.
vault-never = Not saved yet
vault-full = Your node has no room left for it.
vault-failing = It could not be saved. The last one that was is from { $time }. It is tried again by itself.
vault-failing-never = It could not be saved yet. It is tried again by itself.
vault-save = Save now
vault-fine = As it should be
vault-unreachable = Cannot be reached
vault-missing = The node has no copy, or lost it
vault-rolled-back = The node shows an older copy than it had. Save now, or choose another node
vault-damaged = What the node has is damaged. Save now, or choose another node
vault-too-new = Written by a newer version of ZeChat
vault-node-full = No room left on the node
passphrase-title = Passphrase
passphrase-lead = A second secret beside the words: whoever finds the words alone cannot open the copy. If you forget it, the copy is lost.
passphrase-is-set = A passphrase is set.
passphrase-is-not-set = No passphrase is set.
passphrase-new = New passphrase
passphrase-set = Set it
passphrase-change = Change it
passphrase-remove = Remove it
passphrase-done = Done. The copy is saved with it.
passphrase-field = Passphrase
passphrase-field-hint = Only if you have set one.
stolen-title = Lost or stolen?
stolen-lead = If somebody else has a copy of this browser’s data or of a device, take your identity back with the recovery phrase.
stolen-open = Take it back
stolen-place = Take your identity back
stolen-what = What happens
stolen-1 = New keys are made. Every other copy, also the thief’s, can no longer write in your name or fetch your mail.
stolen-2 = Your contacts see a warning that you use new keys, and are asked to compare the safety number with you.
stolen-3 = What the thief changed about your identity in the last 72 hours is undone.
stolen-4 = What the other copy already holds, it can still read. Nothing can change that.
stolen-5 = You get a new recovery phrase. The old one is used up.
stolen-here-lead = New keys are made and all other copies are locked out. Your contacts are warned. Your conversations stay here.
stolen-passphrase-hint = If you have set one. It then goes on holding beside the new phrase; if you leave this empty, the new copy has none.
stolen-do = Make new keys and lock the others out
stolen-sure = I understand that my contacts are warned
stolen-sure-needed = Please confirm this first.
stolen-without = Go on without my contacts and conversations. They cannot be brought back later. The contact link is needed for this.
rotate-title = New keys
rotate-lead = Replaces the keys of this identity, if you think that somebody may have seen them. Your recovery phrase stays the same.
rotate-do = Make new keys
rotate-sure-title = Make new keys?
rotate-explained = Every contact sees a clear warning that you use new keys, and should compare the safety number with you again. Other copies of this identity are locked out.
rotate-done = You use new keys now.
reminder = Keep your recovery phrase. Without it, losing this browser means losing your identity.
reminder-do = Keep it now
reminder-later = Later
locked-title = This copy is locked out
locked = The keys of your identity were replaced, somewhere else. This copy still shows what it has, but it cannot send and nothing new arrives.
locked-mine = If that was you, go on in the other browser. You can delete this site’s data here.
locked-not-mine = If that was not you, somebody has your keys or your recovery phrase. Take your identity back at once.
locked-banner = This copy is locked out. Nothing can be sent from here.
locked-more = What is this?

# --- Restoring --------------------------------------------------------------------------------------

welcome-have-one = I already have an identity
restore-title = Bring your identity here
restore-lead = This page may come from any node. Your identity need not be on this one.
restore-how = What do you have?
restore-way-vault = My recovery phrase
restore-way-file = A backup file
restore-way-take-back = My phrase, and somebody else has a copy
restore-vault-lead = Contacts, conversations and keys come back from the copy on your node. Your contacts notice nothing.
restore-file-lead = Contacts, conversations and keys come back from the file. It is opened with your recovery phrase.
restore-take-back-lead = What the copy on your node holds comes back first. Then new keys are made, all other copies are locked out, and your contacts are warned.
restore-from = Your contact link, or the address of your node
restore-from-hint = The link that you gave to others, an old one will do. Or just your node, like https://node.example. Any of your nodes will do.
restore-from-needed = Please enter a contact link of yours or the address of your node.
restore-file = Backup file
restore-file-chosen = { $name }, { $size }
restore-file-needed = Please choose the backup file.
restore-file-bad = This file cannot be read, or is too large for a backup.
restore-phrase-needed = Please enter the twelve words.
restore-do = Restore
restore-back = Make a new identity instead
restoring-title = Restoring
restoring-lead = Your identity is being brought into this browser.
restoring-asking = Asking your nodes for the copy
restoring-downloading = Downloading and opening it ({ $done } of { $of })
recovering-title = Taking your identity back
recovering-fetching = Fetching and checking your records
recovering-keys = Making new keys
recovering-registering = Telling your nodes
recovering-banner = Your new keys are made, but none of your nodes has heard of them yet. They are told as soon as one answers. The old phrase is used up: write the new one down now.
recovering-more = New phrase

# --- Backup -----------------------------------------------------------------------------------------

backup = Backup and export
backup-open = Backup and export
backup-file-title = Backup file
backup-file-lead = Everything in this browser in one encrypted file. It is opened with your recovery phrase, on any node.
backup-file-do = Save a backup file
export-title = Conversations to read
export-lead = All conversations as a file. It is not encrypted: whoever has it can read it.
export-html = As a page to read (HTML)
export-json = With signatures, for programs (JSON lines)
export-missing = Messages are missing here.
export-unreadable = Something that this version cannot show.
export-name = Conversations of { $name }
file-saving = Preparing the file…
file-saved = { $name } is with your downloads.
file-failed = The browser did not save the file.

# --- Warnings in a conversation ----------------------------------------------------------------------

fork-title = Somebody else may use { $name }’s keys
fork-explained = Two statements that are both signed with their keys contradict each other. Nothing is sent to them until this is settled. Ask them on another way, by telephone for instance.
fork-trust = Go on with the keys that I knew before

# --- What can go wrong -----------------------------------------------------------------------------

error-silent = ZeChat took too long to answer. Nothing is lost; please try again.
error-bad-name = Please choose a name of 1 to 64 characters.
error-bad-link = This is not a contact link, or a character got lost. Copy it again, in full.
error-link-too-new = This link was made by a newer version of ZeChat. Switch to it when this page offers it, or open the link on the page of the node that it names.
error-own-link = That is your own link. Give it to somebody else!
error-too-many-links =
    { $limit ->
        [one] { $limit } link is open, more cannot be. Revoke one that you do not need.
       *[other] { $limit } links are open, more cannot be. Revoke one that you do not need.
    }
error-empty-text = There is nothing to send yet.
error-text-too-long = This is too long: a message carries at most { $limit } characters, fewer in some scripts.
error-not-found = It is not here any more. Load the page again to see what is.
error-wrong-state = That is not possible any more: things have changed meanwhile. Look again, and repeat it if you still want it.
error-number-differs = That is another number. If both of you see what you compared, somebody may be in between: do not trust this contact until it matches.
error-no-identity = There is no identity in this browser yet. Make one, or bring yours here.
error-identity-exists = There already is an identity in this browser. Open the page again to use it.
error-not-connected = You are not connected to your node right now. Try again when you are.
error-node-unreachable = Your node cannot be reached. Check your connection and the address, then try again.
error-node-misbehaves = Your node answered with something no node should say. Try again later, or use another node.
error-clock-wrong = This device's clock and the node's differ. If this device's is wrong, set it, then try again.
error-their-node-unreachable = Their node cannot be reached right now. Try again later.
error-identity-unknown = Their node does not know who this is. The link may be old: ask for a new one.
error-locked-out = Your keys were replaced elsewhere, so this copy can read and no longer write. If that was not you, take your identity back with your recovery phrase.
error-bad-node = This is not the address of a node. Ask whoever runs it; it looks like https://node.example.
error-node-listed = This node is one of yours already. Choose another one.
error-too-many-nodes = You have as many nodes as you can have. Remove one first.
error-last-node = This is the only node where your contacts can leave messages. Add another one first.
error-wrong-phrase = This is a recovery phrase, but not the one of this identity. Look for the right one.
error-identity-invalid = What their node says about them does not check out. Do not trust this link; ask them for it again on another way.
error-phrase-count = A recovery phrase has 12 words; these are { $found }.
error-phrase-word = Word { $number } is not a word of a recovery phrase. Look for a typing error.
error-phrase-checksum = A word is wrong, or two have changed places. Compare each with what you wrote down.
error-wrong-passphrase = The phrase is right, the passphrase is not. Upper and lower case matter.
error-no-vault = No node shows anything saved for this phrase. If there was something, a node may hide it: try the address of another of your nodes, or a backup file.
error-vault-damaged = What was saved is damaged and was not used. Try another of your nodes, or a backup file.
error-vault-too-new = This was saved by a newer version of ZeChat. Switch to it when this page offers it, or use the page of another node.
error-vault-full = There is no room left for it on your node. Ask whoever runs it, or move to another one.
error-phrase-not-kept = You confirmed your recovery phrase, so this device does not keep the words any more.
error-bad-origin = This is neither a contact link nor the address of a node. Copy it again, in full.
error-storage = The browser could not store it. Load the page again, then try once more. It says: { $detail }
error-no-room = There is no room left on this device for it. Make some, then try again. What you wrote is still here.
error-internal = Something went wrong in ZeChat: { $detail }. Load the page again; if it stays, please tell us with these words.

# A node's answer, by its stable code.
problem =
    { $code ->
        [own-node-misbehaves] ZeChat gave up on the node here: it answered with something no node should say. Try later, or use another node.
        [own-wrong-node] ZeChat did not log in: another node answers at this address. Ask whoever runs it what has changed.
        [own-last-node] ZeChat keeps it: it is the only node where your contacts can leave messages. Add another one first.
        [own-not-found] ZeChat does not have the contact any more that this was for.
        [own-wrong-state] ZeChat did not send it: the contact is blocked or has not accepted any more.
        [own-bad-node] ZeChat did not send it: the contact’s node has an address that is none. Ask them for a new link.
        [own-no-postage] ZeChat did not send it: their node does not say what a first message costs. Try again later.
        [own-internal] Something went wrong in ZeChat itself. Load the page again, then try once more.
        [malformed] The node did not understand ZeChat. One of the two needs an update: switch to a newer version when this page offers it, or ask whoever runs the node.
        [too_large] The node found it too large.
        [not_found] The node does not have it.
        [unknown_mailbox] Their node says that the mailbox is gone: they may have blocked you or moved.
        [mailbox_moved] Their node says that they have moved, and nobody says yet where to. Try again later.
        [mailbox_full] Their node says that their mailbox is full. Try again when they have been there.
        [node_full] The node says that it has no room left. Try again later.
        [wrong_size] The node refused the size of the message. One of the two needs an update: switch to a newer version when this page offers it, or ask whoever runs the node.
        [postage_required] Their node wants more proof of work for a first message than was sent. Try again: ZeChat then does it.
        [invalid_signature] The node says that the signature does not fit. Load the page again, then try once more.
        [invalid_record] The node says that the records of this identity break the rules. Load the page again, then try once more.
        [stale_record] The node has a newer state of this identity, from another copy.
        [forked_record] The node has a different history of this identity. Somebody else may use your keys: take your identity back if it was not you.
        [stale_key_package] The node has a newer key of this identity, from another copy.
        [registration_closed] The node takes no new people. Choose another one.
        [invite_required] The node takes new people by invite only. Ask whoever runs it for one.
        [invite_invalid] The node says that the invite is used up, too old or not its own. Ask for a new one.
        [account_blocked] The operator of the node has blocked this identity. You can move to another node.
        [node_closing] The node is being closed down. Move to another one.
        [not_this_node] The node says that this identity does not list it. Add the node again, or use another one.
        [unauthorized] The node does not let this identity in. Ask whoever runs it, or use another node.
        [key_replaced] The node says that the keys of this identity were replaced: this copy of it is locked out.
        [login_expired] The node says that the clock of this device is wrong. Set it, then try again.
        [unknown_identity] The node does not know this identity. Add the node again, or use another one.
        [vault_full] The node has no room left for the copy.
        [stale_vault] The node has a newer copy, from another device. It is tried again by itself.
        [missing_chunk] The node lost a part of the copy. It is sent again by itself.
        [peer_refused] The two nodes do not talk with each other. Whoever runs them decides that.
        [peer_unreachable] Your node says that theirs cannot be reached. It is tried again by itself.
        [peer_misbehaves] Your node says that theirs answered with something no node should say.
        [private_address] Your node does not allow the address of theirs: it is one of a private network. Ask whoever runs your node.
        [rate_limited] The node says that this was too much at once. Wait a little.
        [too_many_connections] The node has too many connections. Wait a little.
        [undeliverable] Your node could not reach theirs for two days. Try again later.
        [cannot_open] Their node could not open it: its key has changed. Try again.
        [unavailable] The node says that it is not available right now. Try again later.
        [internal] The node says that something went wrong there. Try again later.
       *[other] The node refused it ({ $code }).
    }

# --- Lock -----------------------------------------------------------------------------------------

lock-open = Lock
lock-title = Lock
lock-what = What a lock does
lock-is-set = A lock is set.
lock-is-not-set = No lock is set: who opens this browser can read everything.
lock-lead = Your keys and messages are stored encrypted under your passphrase. While the lock is closed nobody can read them, and nothing arrives; messages wait on your node.
lock-now = Lock now
lock-auto = Lock by itself when nobody is here
lock-auto-never = Never
lock-auto-hint = It also locks when you close the last ZeChat tab, or load it anew.
lock-set-title = Set a lock
lock-set-lead = Choose a passphrase of several words. It is not stored anywhere and nobody can reset it: whoever forgets it restores the identity with the recovery phrase.
lock-new = New passphrase
lock-new-hint = At least 8 characters; four random words are good.
lock-again = The same once more
lock-differ = The two are not the same.
lock-set = Set the lock
lock-setting = Encrypting what is stored…
lock-current = Current passphrase
lock-change-title = Change the passphrase
lock-change = Change it
lock-changed = The passphrase is changed.
lock-remove-title = Remove the lock
lock-remove-lead = Then everybody who opens this browser can read everything.
lock-remove = Remove the lock
lock-passkeys = Passkeys
lock-passkeys-lead = A fingerprint, a face or a security key instead of typing. The passphrase always works too.
lock-passkeys-count =
    { $count ->
        [0] No passkey opens this lock.
        [one] { $count } passkey opens this lock.
       *[other] { $count } passkeys open this lock.
    }
lock-passkey-add = Add a passkey
lock-passkeys-remove = Remove all passkeys
lock-closed = ZeChat is locked
lock-passphrase = Passphrase
lock-unlock = Unlock
lock-opening = Checking…
lock-with-passkey = Use a passkey
lock-forgotten = Forgotten the passphrase?
lock-forgotten-what = Nobody can open this lock without it. Delete what is stored here, and bring your identity back with the recovery phrase: everything that was saved on your node comes back with it.
lock-forgotten-sure = I have my recovery phrase, or I need nothing of what is here.
lock-forgotten-delete = Delete it and start anew
lock-wrong = This is not the passphrase. Upper and lower case matter.
lock-wrong-passkey = This passkey does not open the lock. Use the passphrase.
lock-too-short = Please take at least { $count } characters.
lock-wrong-state = The lock was changed in another tab. Look again and repeat.
passkey-missing = This browser has no passkeys for this page. The passphrase works.
passkey-refused = The passkey was not used: it was cancelled, or took too long.
passkey-no-function = This passkey or browser cannot open locks (it lacks the PRF extension). The passphrase works.
passkey-failed = The passkey did not work: { $detail }
reminder-lock = Protect what is in this browser with a lock.
reminder-lock-do = Set a lock

# --- Several identities ---------------------------------------------------------------------------

identities = Identities in this browser
identities-hint = Each has its own keys, messages and lock; they know nothing of each other. Other tabs stay with theirs.
identity-here = this one
identity-new = Another identity
evicted-title = This browser has cleared away { $name }
evicted-what = Keys and messages are gone from this browser: it ran out of space, its data was deleted, or the page was not opened for long. Nothing is wrong with your identity.
evicted-way = Bring it back with your recovery phrase or a backup file. Messages that were not fetched wait on your node.
evicted-restore = Bring it back
evicted-forget = I do not need it
evicted-install = Browsers keep the data of installed pages longer: add ZeChat to your home screen or dock.
other-program = A newer version of ZeChat is ready. Your drafts in conversations stay.
other-program-switch = Switch to it
