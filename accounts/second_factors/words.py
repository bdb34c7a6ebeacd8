"""What several pages say about second factors."""

WRONG_CODE = "This code isn’t right, or has been used already. Use the next one in your app, or another recovery code."
WRONG_CODE_IN_APP = "This code isn’t right. Wait for the next one in your app, then enter that."
UNKNOWN_PASSKEY = "This passkey couldn’t be used here. Try again, choose another one, or sign in another way."
UNUSABLE_PASSKEY = "This passkey couldn’t be added, and nothing was changed. Press the button to try again."
