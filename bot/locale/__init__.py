"""The catalogues: what Agora says, in the languages that people work in. English is the message id itself."""
