# Every text that a person sees. Names from elsewhere come in as variables, never as part of a text.

app-name = ZeChat

# --- Starting -------------------------------------------------------------------------------------

opening = Opening your messages…
engine-silent-title = ZeChat is not answering
engine-silent = The part of it that keeps your messages did not start. Another tab may be holding it: close the other ZeChat tabs, then try again. Nothing is lost.
engine-broken-title = ZeChat cannot run here
engine-broken = The browser stopped the part that keeps your messages. In a private window, or with site data forbidden, nothing can be kept.
engine-broken-detail = The browser says: { $detail }
try-again = Try again
reload = Load again
missing-storage = This browser, or its present mode, has no storage for sites (IndexedDB). ZeChat keeps your keys and messages there and nowhere else. Try an ordinary window instead of a private one.
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
welcome-point-keys = Your keys never leave this browser
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
copy = Copy
copied = Copied
copy-failed = The browser did not allow it. Select the text and copy it by hand.
share = Share
share-text = Write to me on ZeChat
paste-title = Somebody gave you a link?
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
request-note = Names are what people say of themselves. Compare the safety number later to be sure.

# --- Conversation ----------------------------------------------------------------------------------

back = Back
messages-with = Messages with { $name }
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
entry-newer = This message needs a newer version of ZeChat.
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
        [one] { $left } byte left
       *[other] { $left } bytes left
    }
composer-over =
    { $over ->
        [one] { $over } byte too long
       *[other] { $over } bytes too long
    }
composer-blocked = You blocked this contact.
composer-asking = They asked to write to you.

safety-title = Safety number
safety-lead = Compare these numbers with { $name } by voice or face to face. If both of you see the same, nobody is in between.
safety-qr = QR code of the safety number
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
tombstones-dismiss = Got it

# --- Settings -------------------------------------------------------------------------------------

settings-profile = Profile
settings-name = Your name
settings-name-hint = Contacts learn of a change with your next message.
settings-name-save = Save
settings-name-saved = Saved
settings-privacy = Privacy
settings-receipts = Send receipts
settings-receipts-hint = Tells contacts when their messages arrived and when you read them. Off means that nothing is sent. Strangers never get any.
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
settings-keys-note = Your keys and messages are in this browser only. Clearing its site data removes them.

# --- What can go wrong -----------------------------------------------------------------------------

error-silent = ZeChat took too long to answer. Nothing is lost; please try again.
error-bad-name = Please choose a name of 1 to 64 characters.
error-bad-link = This is not a contact link, or a character got lost. Copy it again, in full.
error-link-too-new = This link was made by a newer version of ZeChat. Load the page again to update, then try once more.
error-own-link = That is your own link. Give it to somebody else!
error-empty-text = There is nothing to send yet.
error-text-too-long =
    { $limit ->
        [one] This is too long: a message carries { $limit } byte.
       *[other] This is too long: a message carries { $limit } bytes.
    }
error-not-found = It is not here any more.
error-wrong-state = That is not possible any more: things have changed meanwhile.
error-number-differs = That is another number. If both of you see what you compared, somebody may be in between: do not trust this contact until it matches.
error-no-identity = There is no identity in this browser yet.
error-identity-exists = There already is an identity in this browser.
error-not-connected = You are not connected to your node right now. Try again when you are.
error-node-unreachable = Your node cannot be reached. Check your connection and the address, then try again.
error-node-misbehaves = Your node answered with something no node should say. Try again later, or use another node.
error-their-node-unreachable = Their node cannot be reached right now. Try again later.
error-identity-unknown = Their node does not know who this is. The link may be old: ask for a new one.
error-bad-node = This is not the address of a node.
error-node-listed = This node is one of yours already.
error-too-many-nodes = You have as many nodes as you can have. Remove one first.
error-last-node = This is the only node where your contacts can leave messages. Add another one first.
error-wrong-phrase = This is a recovery phrase, but not the one of this identity.
error-identity-invalid = What their node says about them does not check out. Do not trust this link; ask them for it again on another way.
error-phrase-count = A recovery phrase has 12 words; these are { $found }.
error-phrase-word = Word { $number } is not a word of a recovery phrase. Look for a typing error.
error-phrase-checksum = A word is wrong, or two have changed places.
error-wrong-passphrase = The phrase is right, the passphrase is not.
error-no-vault = There is nothing saved for this phrase on the node.
error-vault-damaged = What was saved is damaged and was not used.
error-vault-too-new = This was saved by a newer version of ZeChat. Load the page again to update, then try once more.
error-vault-full = There is no room left for it on your node.
error-phrase-not-kept = You confirmed your recovery phrase, so this device does not keep the words any more.
error-bad-origin = This is neither a contact link nor the address of a node.
error-storage = The browser could not store it: { $detail }. There may be no room left.
error-internal = Something went wrong in ZeChat: { $detail }

# A node's answer, by its stable code.
problem =
    { $code ->
        [mailbox_full] Their mailbox is full.
        [node_full] The node has no room left.
        [too_large] The node found it too large.
        [unknown_mailbox] The mailbox is gone: they may have blocked you or moved.
        [registration_closed] Your node takes no new people.
        [postage_required] Their node wants more work for a first message.
        [unknown_identity] The node does not know this identity.
        [unauthorized] The node does not let this identity in.
        [login_expired] The clock of this device seems to be wrong.
        [forked_record] The node has a different history of this identity.
        [stale_record] The node has a newer state of this identity.
        [stale_key_package] The node has a newer key of this identity.
        [peer_refused] The two nodes do not talk with each other.
        [peer_unreachable] Their node cannot be reached.
        [peer_misbehaves] Their node answered with something no node should say.
        [private_address] The address of the node is not allowed.
        [rate_limited] That was too much at once. Wait a little.
        [undeliverable] Their node could not be reached for two days.
        [unavailable] The node is not available right now.
       *[other] The node refused it ({ $code }).
    }
