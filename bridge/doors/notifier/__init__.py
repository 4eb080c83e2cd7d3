"""The way to people: chat, mail, push."""
