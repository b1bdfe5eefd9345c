"""Proof-reading: one doubtful object after the other, accepted, deleted or corrected by key.

Their order and what is left is in `core.review.queue`; the tools that correct are in `ui.annotate`.
"""
