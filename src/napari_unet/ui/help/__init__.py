"""The pages of the documentation that the widgets open, from the package or the repository.

The pages themselves lie in `docs`; what tooltips say lies with the fields.
"""
