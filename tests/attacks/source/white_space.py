# on: empty; off: empty
# Is white space and comments.

 	

   # nothing

