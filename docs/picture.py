def picture(): return ""
