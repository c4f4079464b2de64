"""What in a submission looks as if it told who somebody is, and reports that do not repeat it."""
